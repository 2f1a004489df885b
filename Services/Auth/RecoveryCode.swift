import Security

/// Codes that each stand in once for the second factor, for who has lost it: ten characters in two groups, 50 bits.
struct RecoveryCode: Sendable, Hashable {
    /// How many somebody gets.
    static let count = 10
    private static let randomBytes = 7
    private static let length = 10

    /// Lower case without the hyphen.
    private let plain: String

    /// A new code.
    init() {
        plain = String(Base32.encode(SecureRandom.bytes(Self.randomBytes)).lowercased().prefix(Self.length))
    }

    /// Reads a code as people type it; nil when it cannot be one.
    init?(_ text: String) {
        guard text.utf8.count <= 4 * Self.length else { return nil }
        plain = text.lowercased().filter { $0 != "-" && $0 != " " }
        guard plain.utf8.count == Self.length, plain.count == Self.length else { return nil }
    }

    /// As it is shown.
    var text: String { "\(plain.prefix(Self.length / 2))-\(plain.suffix(Self.length / 2))" }

    /// What is stored of it.
    func digest(key: [UInt8]) -> [UInt8] {
        HashFunction.sha256.authenticationCode(key: key, message: Array(plain.utf8))
    }
}
