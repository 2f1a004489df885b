import Security
import System

/// The right to a seat: a code that only Booking can make, `<booking>.<seat>.<signature>`, the signature Ed25519 over
/// what stands before it under the ticket key, which signs nothing else.
struct Ticket: Sendable, Equatable {
    let bookingID: Identifier
    let seat: String

    /// The longest code that is looked at.
    static let maximumCodeLength = 256

    /// The text of the QR code.
    func code(signedBy key: SigningKey) throws -> String {
        try "\(content).\(Base64.encodeURLSafe(key.sign(Array(content.utf8))))"
    }

    /// The ticket of a code; nil when it is malformed or not signed by the key.
    init?(code: String, signedBy key: VerifyingKey) {
        guard code.utf8.count <= Ticket.maximumCodeLength else { return nil }
        let parts = code.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bookingID = Identifier(parts[0]), let signature = Base64.decodeURLSafe(parts[2])
        else { return nil }
        self.init(bookingID: bookingID, seat: String(parts[1]))
        guard key.isValid(signature: signature, for: Array(content.utf8)) else { return nil }
    }

    init(bookingID: Identifier, seat: String) {
        self.bookingID = bookingID
        self.seat = seat
    }

    private var content: String { "\(bookingID).\(seat)" }
}
