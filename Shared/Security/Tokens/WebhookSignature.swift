public import System

/// Signatures of webhooks by Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, `v1,<base64>` in
/// `webhook-signature`. Any thread.
public struct WebhookSignature: Sendable {
    /// How far a webhook's time may be from ours, in seconds.
    public static let toleranceSeconds: Int64 = 300
    /// What the text of a secret begins with; base64 follows.
    public static let secretPrefix = "whsec_"

    private let key: [UInt8]

    /// Signs and checks with a key.
    public init(key: [UInt8]) {
        self.key = key
    }

    /// The secret as it is handed to who checks: `whsec_<base64>`.
    public var secret: String { Self.secretPrefix + Base64.encode(key) }

    /// Reads a secret, `whsec_<base64>`; nil when it is none.
    public init?(secret: String) {
        guard secret.hasPrefix(Self.secretPrefix),
            let key = Base64.decode(secret.dropFirst(Self.secretPrefix.count)), !key.isEmpty
        else { return nil }
        self.key = key
    }

    /// The value of `webhook-signature`; the timestamp is in seconds.
    public func sign(id: String, timestamp: Int64, body: [UInt8]) -> String {
        "v1,"
            + Base64.encode(
                HashFunction.sha256.authenticationCode(key: key, message: Array("\(id).\(timestamp).".utf8) + body)
            )
    }

    /// Whether one of the signatures (several are separated by spaces while a key changes) is good and fresh.
    public func isValid(_ header: String, id: String, timestamp: String, body: [UInt8], now: Timestamp) -> Bool {
        guard let seconds = Int64(timestamp) else { return false }
        let tolerance = WebhookSignature.toleranceSeconds
        let present = now.milliseconds / 1000
        // Compared, not subtracted: the forger chooses the number.
        guard (present - tolerance...present + tolerance).contains(seconds) else { return false }
        let expected = Array(sign(id: id, timestamp: seconds, body: body).utf8)
        return header.split(separator: " ").contains { constantTimeEqual(Array($0.utf8), expected) }
    }
}
