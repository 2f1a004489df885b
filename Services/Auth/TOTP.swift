import Security
import System

/// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, six digits, steps of 30 s.
struct TOTP: Sendable {
    static let secretLength = 20
    static let digits = 6
    static let stepSeconds: Int64 = 30
    /// Steps before and after the present one that count, for clocks that differ.
    static let tolerance: Int64 = 1

    let secret: [UInt8]

    /// The step that a code belongs to; nil when it is none of now, or of a step that has been used, or of an earlier one.
    func step(of code: String, at now: Timestamp, after used: Int64) -> Int64? {
        let present = now.milliseconds / 1000 / Self.stepSeconds
        let sent = Array(code.utf8)
        // All are compared, so the time tells nothing.
        return (present - Self.tolerance...present + Self.tolerance).reduce(nil as Int64?) { found, step in
            constantTimeEqual(sent, Array(self.code(of: step).utf8)) && step > used ? step : found
        }
    }

    /// The code of a step (RFC 4226 section 5.3).
    func code(of step: Int64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - $0 * 8)) }
        let hash = HashFunction.sha1.authenticationCode(key: secret, message: message)
        let offset = Int(hash[19] & 0x0F)
        let number = hash[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// What an app reads from a QR code; `label` is shown beside the codes.
    func address(label: String) -> String {
        let plain = label.utf8.map { byte -> String in
            let isPlain = Self.unreserved.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.encode([byte]).uppercased()
        }
        return "otpauth://totp/Marquee:\(plain.joined())?secret=\(Base32.encode(secret))&issuer=Marquee"
            + "&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.stepSeconds)"
    }

    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
}

/// Base32 (RFC 4648 section 6), without padding.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[buffer >> bits & 0x1F])
            }
        }
        if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 0x1F]) }
        return String(decoding: text, as: UTF8.self)
    }
}
