import Security
import System
import TestSupport
import Testing

@testable import BookingService

@Suite(.serialized, .timeLimit(.minutes(3)))
struct TicketJourneyTests {
    private struct Sold {
        let rig: BookingRig
        let service: ServiceProcess
        let showtime: String
        let owner: String
        let booking: String

        init(_ seats: [String] = ["A1"]) async throws {
            rig = try await BookingRig()
            service = try await rig.service()
            showtime = try await rig.showtime(service)
            owner = try rig.person()
            booking = try await service.lock(showtime, seats, as: owner)
            _ = try await service.pay(booking, as: owner)
            try await service.wait(booking, for: "booked", as: owner)
        }

        func tickets(as token: String) async throws -> [JSON] {
            try await Curl.request("GET", "\(service.url)/v1/bookings/\(booking)/tickets", token: token)
                .json["items"].array
        }

        func checkIn(_ code: String) async throws -> Curl.Response {
            let json = #"{"code":"\#(code)"}"#
            return try await Curl.request("POST", "\(service.url)/v1/tickets/check-in", json: json, token: rig.admin)
        }

        func post(_ action: String, as token: String) async throws -> Curl.Response {
            try await Curl.request("POST", "\(service.url)/v1/bookings/\(booking)/\(action)", token: token)
        }

        func claim(_ code: String, as token: String) async throws -> Curl.Response {
            let json = #"{"code":"\#(code)"}"#
            return try await Curl.request("POST", "\(service.url)/v1/tickets/claim", json: json, token: token)
        }
    }

    /// Draws the path of our SVG as a bitmap of 8 by 8 dots a module.
    private static let draw = """
        import re, sys
        svg = sys.stdin.read() if len(sys.argv) < 3 else open(sys.argv[1]).read()
        size = int(re.search(r'viewBox="0 0 (\\d+) ', svg).group(1))
        dots = [[0] * size for _ in range(size)]
        for x, y, run in re.findall(r"M(\\d+),(\\d+)h(\\d+)v1h-", svg):
            for step in range(int(run)): dots[int(y)][int(x) + step] = 1
        with open(sys.argv[2], "w") as file:
            file.write(f"P1 {size * 8} {size * 8}\\n")
            for row in dots:
                line = " ".join(str(dot) for dot in row for _ in range(8))
                for _ in range(8): file.write(line + "\\n")
        """

    @Test func `the QR code reads as the ticket's code, whose signature others can verify`() async throws {
        let sold = try await Sold(["A1", "B2"])
        let directory = try TemporaryDirectory()
        let tickets = try await sold.tickets(as: sold.owner)
        #expect(tickets.map { $0["seat"].string } == ["A1", "B2"])
        for ticket in tickets {
            let (code, path) = (try #require(ticket["code"].string), try #require(ticket["qr_svg_url"].string))
            let svg = try await Curl.request("GET", sold.service.url + path, token: sold.owner)
            #expect(svg.headers["content-type"] == "image/svg+xml")
            let file = try directory.write(svg.body, to: "code.svg")
            let bitmap = directory.appending("code.pbm")
            #expect(try await Command.python(Self.draw, [file, bitmap]).status.isSuccess)
            let read = try await Command.run("zbarimg", ["-q", "--raw", bitmap])
            // zbarimg complains about a missing message bus before.
            #expect(read.output.split(separator: "\n").last.map(String.init) == code, "\(read)")

            let point = try #require(code.lastIndex(of: "."))
            let signature = try #require(Base64.decodeURLSafe(code[code.index(after: point)...]))
            try directory.write(String(code[..<point]), to: "content")
            try File.replace(directory.appending("signature"), with: signature)
            let key = sold.rig.data.appending("booking/ticket-key.pem")
            let verified = try await Command.run(
                "openssl",
                [
                    "pkeyutl", "-verify", "-inkey", key, "-rawin", "-in", directory.appending("content"), "-sigfile",
                    directory.appending("signature"),
                ]
            )
            #expect(verified.status.isSuccess, "\(verified.output)")
        }
        // Tickets and tokens have separate keys.
        let mine = try SigningKey.loadOrCreate(sold.rig.data.appending("booking/ticket-key.pem")).verifyingKey
        let tokens = try JSONWebKeySet(json: File.read(sold.rig.data.appending("booking/jwks.json")))
        #expect(!tokens.keys.isEmpty && !tokens.keys.contains(mine))
    }

    @Test func `a ticket lets in once, and a booking that was entered with cannot be cancelled`() async throws {
        let sold = try await Sold(["A1", "A2"])
        let codes = try await sold.tickets(as: sold.owner).compactMap { $0["code"].string }
        #expect(try await sold.checkIn(codes[0]).status == 200)
        let again = try await sold.checkIn(codes[0])
        #expect(again.status == 409 && again.json["code"].string == "ticket_used")
        let cancel = try await sold.post("cancel", as: sold.owner)
        #expect(cancel.status == 409 && cancel.json["code"].string == "booking_not_cancellable")
        #expect(try await sold.post("transfer", as: sold.owner).status == 409)
        #expect(try await sold.checkIn(codes[1]).status == 200)
        #expect(try await sold.service.taken(sold.showtime) == ["A1": "booked", "A2": "booked"])
    }

    @Test func `nobody enters with a cancelled ticket or one that we did not sign`() async throws {
        let sold = try await Sold()
        let code = try #require(try await sold.tickets(as: sold.owner)[0]["code"].string)
        let point = try #require(code.lastIndex(of: "."))
        let foreign = try SigningKey().sign(Array(code[..<point].utf8))
        let forged = "\(code[..<point]).\(Base64.encodeURLSafe(foreign))"
        for bad in [forged, code.replacing(".A1.", with: ".A2."), "", "x", String(repeating: "x", count: 5000)] {
            let refused = try await sold.checkIn(bad)
            #expect(refused.status == 422 && refused.json["code"].string == "invalid_request")
        }
        #expect(try await sold.post("cancel", as: sold.owner).status == 202)
        let refused = try await sold.checkIn(code)
        #expect(refused.status == 409 && refused.json["code"].string == "conflict")
        #expect(try await sold.tickets(as: sold.owner).isEmpty)
    }

    @Test func `tickets go to who brings the offer, and old codes are worth nothing then`() async throws {
        let sold = try await Sold(["A1", "A2"])
        let (binh, chi) = (try sold.rig.person(), try sold.rig.person())
        let old = try #require(try await sold.tickets(as: sold.owner)[0]["code"].string)
        #expect(try await sold.post("transfer", as: binh).status == 404)
        let offer = try await sold.post("transfer", as: sold.owner)
        #expect(offer.status == 201)
        let code = try #require(offer.json["code"].string)
        #expect(try await sold.claim(code, as: sold.owner).status == 409)
        #expect(try await sold.claim(old, as: binh).status == 422)
        _ = try await sold.service.lock(sold.showtime, (1...7).map { "B\($0)" }, as: chi)
        #expect(try await sold.claim(code, as: chi).json["code"].string == "seat_limit_exceeded")
        let taken = try await sold.claim(code, as: binh)
        #expect(taken.status == 200 && taken.json["id"].string == sold.booking)
        #expect(try await sold.claim(code, as: try sold.rig.person()).status == 409)
        #expect(try await sold.post("cancel", as: sold.owner).status == 404)
        #expect(try await sold.checkIn(old).status == 409)
        let new = try #require(try await sold.tickets(as: binh)[0]["code"].string)
        #expect(try await sold.checkIn(new).status == 200)
        try await eventually("both are told") {
            let told = try await sold.rig.records(of: "notifications").compactMap { $0["template"].string }
            return told.contains("booking.transferred") && told.contains("booking.received")
        }
        try await sold.service.audit(sold.showtime, as: sold.rig.admin)
    }
}
