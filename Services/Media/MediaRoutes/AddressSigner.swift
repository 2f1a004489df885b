import HTTPCore
import Security
import ServiceKit
import System

/// Addresses that show private content to who holds them, for a while: `?expires=<ms>&signature=<HMAC-SHA256>`.
struct AddressSigner: Sendable {
    /// How long an address is good.
    static let lifetimeSeconds: Int64 = 3600
    /// Bytes of a signature.
    private static let signatureLength = HashFunction.sha256.digestLength

    let key: [UInt8]

    /// The query that makes a path good until an hour from now.
    func query(for path: String, at now: Timestamp) -> String {
        let expires = now.adding(seconds: Self.lifetimeSeconds).milliseconds
        return "expires=\(expires)&signature=\(Base64.encodeURLSafe(signature(path, expires)))"
    }

    /// Whether a query makes a path good now. Values that can be of no signed address are refused, whoever asks.
    func isGood(_ query: QueryItems, for path: String, at now: Timestamp) throws(Problem) -> Bool {
        var expires: Int64?
        var given: [UInt8]?
        for item in query.items {
            switch item.name {
            case "expires":
                guard let time = Int64(item.value) else {
                    throw .invalid("expires", "milliseconds since 1970")
                }
                expires = expires ?? time
            case "signature":
                guard let bytes = Base64.decodeURLSafe(item.value), bytes.count == Self.signatureLength else {
                    throw .invalid("signature", "\(Self.signatureLength) bytes in URL-safe base64")
                }
                given = given ?? bytes
            default: break
            }
        }
        guard let expires, let given, now.milliseconds < expires else { return false }
        return constantTimeEqual(given, signature(path, expires))
    }

    private func signature(_ path: String, _ expires: Int64) -> [UInt8] {
        HashFunction.sha256.authenticationCode(key: key, message: Array("GET\n\(path)\n\(expires)".utf8))
    }
}
