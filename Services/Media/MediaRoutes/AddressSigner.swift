import HTTPCore
import Security
import System

/// Addresses that show private content to who holds them, for a while: `?expires=<ms>&signature=<HMAC-SHA256>`.
struct AddressSigner: Sendable {
    /// How long an address is good.
    static let lifetimeSeconds: Int64 = 3600

    let key: [UInt8]

    /// The query that makes a path good until an hour from now.
    func query(for path: String, at now: Timestamp) -> String {
        let expires = now.adding(seconds: Self.lifetimeSeconds).milliseconds
        return "expires=\(expires)&signature=\(Base64.encodeURLSafe(signature(path, expires)))"
    }

    /// Whether a query makes a path good now.
    func isGood(_ query: QueryItems, for path: String, at now: Timestamp) -> Bool {
        let values = Dictionary(query.items.map { ($0.name, $0.value) }) { first, _ in first }
        guard let text = values["expires"], let expires = Int64(text), now.milliseconds < expires,
            let given = values["signature"].flatMap({ Base64.decodeURLSafe($0) })
        else { return false }
        return constantTimeEqual(given, signature(path, expires))
    }

    private func signature(_ path: String, _ expires: Int64) -> [UInt8] {
        HashFunction.sha256.authenticationCode(key: key, message: Array("GET\n\(path)\n\(expires)".utf8))
    }
}
