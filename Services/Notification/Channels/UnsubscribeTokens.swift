import Security
import System

/// The links by which mails are ended without a session: they name a person and a type of mail, sealed by a code. They hold
/// for as long as the key does, for mails are kept.
struct UnsubscribeTokens: Sendable {
    private static let codeLength = 16
    let publicURL: String
    private let key: [UInt8]

    init(publicURL: String, key: [UInt8]) {
        self.publicURL = publicURL
        self.key = key
    }

    func url(for user: Identifier, type: String) -> String {
        "\(publicURL)/v1/notifications/unsubscribe?token=\(token(for: user, type: type))"
    }

    func token(for user: Identifier, type: String) -> String {
        let bytes = Array("\(user)\(type)".utf8)
        return Base64.encodeURLSafe(code(bytes) + bytes)
    }

    /// Whom a token names, and what; nil when it is not ours.
    func read(_ token: String) -> (user: Identifier, type: String)? {
        guard let bytes = Base64.decodeURLSafe(token), bytes.count > Self.codeLength + 36 else { return nil }
        let named = Array(bytes[Self.codeLength...])
        guard constantTimeEqual(Array(bytes[..<Self.codeLength]), code(named)) else { return nil }
        let text = String(decoding: named, as: UTF8.self)
        return Identifier(String(text.prefix(36))).map { ($0, String(text.dropFirst(36))) }
    }

    private func code(_ bytes: [UInt8]) -> [UInt8] {
        Array(HashFunction.sha256.authenticationCode(key: key, message: bytes).prefix(Self.codeLength))
    }
}
