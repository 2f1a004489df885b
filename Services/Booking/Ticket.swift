import Security
import System

/// The right to a seat: a code that only Booking can make, `<booking>.<seat>.<transfers>.<signature>`. It holds for one
/// holder: when the booking goes to another person, the codes shown before are worth nothing.
struct Ticket: Sendable, Equatable {
    let bookingID: Identifier
    let seat: String
    /// How often the booking had changed hands when the code was made.
    let transfers: Int64

    init(of booking: Booking, seat: String) {
        bookingID = booking.id
        self.seat = seat
        transfers = booking.transfers
    }

    /// The ticket of a code; nil when it is malformed or not signed by the key.
    init?(code: String, signedBy key: VerifyingKey) {
        guard let parts = SignedCode.parts(of: code, signedBy: key), parts.count == 3,
            let bookingID = Identifier(parts[0]), let transfers = Int64(parts[2])
        else { return nil }
        self.bookingID = bookingID
        seat = parts[1]
        self.transfers = transfers
    }

    /// The text of the QR code.
    func code(signedBy key: SigningKey) throws -> String {
        try SignedCode.make([bookingID.description, seat, String(transfers)], signedBy: key)
    }
}

/// An offer to take a booking over: `transfer.<booking>.<transfers>.<end in milliseconds>.<signature>`. Whoever brings it
/// first, until its end, has the tickets.
struct TransferOffer: Sendable, Equatable {
    /// How long an offer holds: a day.
    static let lifetimeSeconds: Int64 = 86_400
    private static let mark = "transfer"

    let bookingID: Identifier
    let transfers: Int64
    let expiresAt: Timestamp

    init(of booking: Booking, at now: Timestamp) {
        bookingID = booking.id
        transfers = booking.transfers
        expiresAt = now.adding(seconds: Self.lifetimeSeconds)
    }

    /// The offer of a code; nil when it is malformed or not signed by the key.
    init?(code: String, signedBy key: VerifyingKey) {
        guard let parts = SignedCode.parts(of: code, signedBy: key), parts.count == 4, parts[0] == Self.mark,
            let bookingID = Identifier(parts[1]), let transfers = Int64(parts[2]), let end = Int64(parts[3])
        else { return nil }
        self.bookingID = bookingID
        self.transfers = transfers
        expiresAt = Timestamp(milliseconds: end)
    }

    func code(signedBy key: SigningKey) throws -> String {
        let end = String(expiresAt.milliseconds)
        return try SignedCode.make([Self.mark, bookingID.description, String(transfers), end], signedBy: key)
    }
}

/// Words with points between and, as the last, an Ed25519 signature of what stands before it, under the ticket key.
enum SignedCode {
    /// The longest code that is looked at.
    static let maximumLength = 256

    static func make(_ parts: [String], signedBy key: SigningKey) throws -> String {
        let content = parts.joined(separator: ".")
        return try "\(content).\(Base64.encodeURLSafe(key.sign(Array(content.utf8))))"
    }

    /// The words of a code; nil when the key has not signed them.
    static func parts(of code: String, signedBy key: VerifyingKey) -> [String]? {
        guard code.utf8.count <= maximumLength, let point = code.lastIndex(of: "."),
            let signature = Base64.decodeURLSafe(code[code.index(after: point)...])
        else { return nil }
        let content = code[..<point]
        guard key.isValid(signature: signature, for: Array(content.utf8)) else { return nil }
        return content.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
}
