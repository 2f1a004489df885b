import Security
import System

/// Signatures of webhooks by Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, `v1,<base64>` in
/// `webhook-signature`.
struct WebhookSignature: Sendable {
    /// How far a webhook's time may be from ours, in seconds.
    static let toleranceSeconds: Int64 = 300

    let key: [UInt8]

    /// The value of `webhook-signature`.
    func sign(id: String, timestamp: Int64, body: [UInt8]) -> String {
        "v1,"
            + Base64.encode(
                HashFunction.sha256.authenticationCode(key: key, message: Array("\(id).\(timestamp).".utf8) + body)
            )
    }

    /// Whether one of the signatures (several are separated by spaces while a key changes) is good and fresh.
    func isValid(_ header: String, id: String, timestamp: String, body: [UInt8], now: Timestamp) -> Bool {
        guard let seconds = Int64(timestamp) else { return false }
        let tolerance = WebhookSignature.toleranceSeconds
        let present = now.milliseconds / 1000
        // Compared, not subtracted: the forger chooses the number.
        guard (present - tolerance...present + tolerance).contains(seconds) else { return false }
        let expected = Array(sign(id: id, timestamp: seconds, body: body).utf8)
        return header.split(separator: " ").contains { constantTimeEqual(Array($0.utf8), expected) }
    }
}
