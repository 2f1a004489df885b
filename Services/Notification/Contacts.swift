import HTTPCore
import Security
import System

/// A browser that takes push messages (RFC 8030) for somebody.
struct PushSubscription: Sendable, Equatable {
    /// Browsers of one person; of more, the oldest go.
    static let limit = 20

    var id: Identifier
    var userID: Identifier
    /// Where the push service takes messages; who knows it may send.
    var endpoint: String
    /// The browser's key, an uncompressed point of P-256.
    var publicKey: [UInt8]
    /// The authentication secret of RFC 8291.
    var secret: [UInt8]
    var createdAt: Timestamp
}

/// An address of somebody's own that is told by HTTP, signed by Standard Webhooks.
struct Webhook: Sendable, Equatable {
    /// Webhooks of one person.
    static let limit = 10
    /// Types and groups that one takes.
    static let maximumTypes = 50
    /// Bytes in a new secret.
    static let secretLength = 32

    var id: Identifier
    var userID: Identifier
    var url: String
    /// Types such as `booking.booked`, groups such as `booking`, or `*`.
    var types: [String]
    /// The secret, sealed.
    var sealedSecret: [UInt8]
    var createdAt: Timestamp

    /// Whether it is told of a type.
    func takes(_ type: String) -> Bool {
        types.contains("*") || types.contains(type) || types.contains(String(type.prefix { $0 != "." }))
    }
}

/// What people give us as places to send to.
struct EndpointRules: Sendable {
    static let maximumLength = 2048

    /// Whether plain HTTP and addresses of our own network are taken, for a stack that is tried out on one machine.
    let allowsPrivate: Bool

    /// Whether a URL may be sent to, as far as its text says; where it leads is judged at each connection.
    func isAllowed(_ url: String) -> Bool {
        let schemes = allowsPrivate ? ["https://", "http://"] : ["https://"]
        guard let scheme = schemes.first(where: url.hasPrefix), url.utf8.count <= Self.maximumLength,
            url.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return false }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return !authority.isEmpty && !authority.contains("@") && !authority.contains("\\")
    }

    /// `scheme://host[:port]` of a URL.
    static func origin(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        return String(
            url[..<scheme.upperBound] + url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        )
    }

    /// Whether a text is a telephone number in the form of E.164: `+`, then 8 to 15 digits, the first not 0.
    static func isPhoneNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.hasPrefix("+") && (8...15).contains(digits.count) && digits.allSatisfy { (48...57) ~= $0 }
            && digits.first != 48
    }
}
