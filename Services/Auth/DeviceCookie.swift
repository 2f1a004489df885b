import Security
import System

/// What a browser keeps after a log-in, so that strangers who guess an account's password lock its owner out of no device
/// they have used: failures with it are counted by themselves (OWASP, "Slow Down Online Guessing Attacks with Device
/// Cookies"). It gives no access, and names no account.
///
/// ```
/// | made at 8 | nonce 16 | HMAC-SHA256 over both and the account 32 |   in URL-safe Base64
/// ```
struct DeviceCookie: Sendable, Equatable {
    static let name = "marquee_device"
    static let lifeSeconds: Int64 = 365 * 86_400
    private static let length = 56
    private static let textLimit = 128

    private let bytes: [UInt8]

    /// A cookie for a device that has just logged in to an account.
    init(account: String, key: [UInt8], at now: Timestamp) {
        let content = (0..<8).map { UInt8(truncatingIfNeeded: now.milliseconds >> (56 - $0 * 8)) }
        let named = content + SecureRandom.bytes(16)
        bytes = named + Self.code(named, account, key)
    }

    /// The cookie among those of a request (`Cookie`); nil unless it was made for this account, and not too long ago.
    init?(_ cookies: String?, account: String, key: [UInt8], at now: Timestamp) {
        let pairs = (cookies ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
        guard let pair = pairs.first(where: { $0.hasPrefix(Self.name + "=") }) else { return nil }
        let text = pair.dropFirst(Self.name.count + 1)
        guard text.utf8.count <= Self.textLimit, let bytes = Base64.decodeURLSafe(text), bytes.count == Self.length
        else {
            return nil
        }
        let made = bytes[..<8].reduce(0) { $0 << 8 | Int64($1) }
        let code = Self.code(Array(bytes[..<24]), account, key)
        guard constantTimeEqual(Array(bytes[24...]), code),
            now < Timestamp(milliseconds: made).adding(seconds: Self.lifeSeconds)
        else { return nil }
        self.bytes = bytes
    }

    /// Where failures of the device are counted.
    var bucket: String { "device:" + Base64.encodeURLSafe(bytes[8..<24]) }

    /// `Set-Cookie`. No script reads it, and no other site's page sends it.
    func field(isSecure: Bool) -> String {
        let value = Base64.encodeURLSafe(bytes)
        return "\(Self.name)=\(value); Path=/v1/auth; Max-Age=\(Self.lifeSeconds); HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    private static func code(_ content: [UInt8], _ account: String, _ key: [UInt8]) -> [UInt8] {
        HashFunction.sha256.authenticationCode(key: key, message: content + Array(account.utf8))
    }
}
