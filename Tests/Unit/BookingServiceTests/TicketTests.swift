import Security
import System
import Testing

@testable import BookingService

struct TicketTests {
    @Test func `a ticket's code is read back and a changed one is refused`() throws {
        let key = try SigningKey()
        let now = Timestamp(milliseconds: 5)
        let id = Identifier.version7(at: now)
        let showtime = Showtime(
            id: id,
            movieID: id,
            hallID: id,
            startsAt: now,
            localTime: "",
            currency: "VND",
            prices: [:]
        )
        let booking = Booking(id: id, userID: id, showtime: showtime, seats: ["A1"], amount: 1, at: now)
        let ticket = Ticket(of: booking, seat: "A1")
        let code = try ticket.code(signedBy: key)
        #expect(Ticket(code: code, signedBy: key.verifyingKey) == ticket)
        #expect(Ticket(code: code.replacing(".A1.", with: ".A2."), signedBy: key.verifyingKey) == nil)
        #expect(Ticket(code: code, signedBy: try SigningKey().verifyingKey) == nil)
        #expect(Ticket(code: "", signedBy: key.verifyingKey) == nil)
        let offer = TransferOffer(of: booking, at: now)
        let offered = try offer.code(signedBy: key)
        #expect(TransferOffer(code: offered, signedBy: key.verifyingKey) == offer)
        #expect(Ticket(code: offered, signedBy: key.verifyingKey) == nil)
        #expect(TransferOffer(code: code, signedBy: key.verifyingKey) == nil)
    }

    @Test func `the QR code is drawn with its quiet zone`() throws {
        let svg = try #require(TicketQR.svg(of: "hello"))
        #expect(svg.contains("viewBox=\"0 0 29 29\""))
        #expect(TicketQR.svg(of: String(repeating: "x", count: 5000)) == nil)
    }
}

struct WebhookSignatureTests {
    private let signature = WebhookSignature(key: Array("secret".utf8))
    private let now = Timestamp(milliseconds: 1_742_378_400_000)
    private let body = Array(#"{"type":"payment.succeeded"}"#.utf8)

    private func isValid(_ header: String, body: [UInt8]? = nil, id: String = "a", seconds: Int64 = 1_742_378_400)
        -> Bool
    {
        signature.isValid(header, id: id, timestamp: String(seconds), body: body ?? self.body, now: now)
    }

    @Test func `a signature holds for its id, time and body alone`() {
        let header = signature.sign(id: "a", timestamp: 1_742_378_400, body: body)
        #expect(isValid(header))
        #expect(isValid("v1,AAAA " + header))
        #expect(!isValid(header, body: body + [32]))
        #expect(!isValid(header, id: "b"))
        #expect(!isValid(header, seconds: 1_742_378_401))
        #expect(!isValid(""))
    }

    @Test func `an old or early webhook is refused`() {
        for seconds in [1_742_378_400 - 301, 1_742_378_400 + 301] as [Int64] {
            #expect(!isValid(signature.sign(id: "a", timestamp: seconds, body: body), seconds: seconds))
        }
    }
}
