import FoundationEssentials
import System

/// Public keys as JSON (RFC 7517, RFC 8037): what `/.well-known/jwks.json` serves.
public struct JSONWebKeySet: Sendable, Equatable {
    /// Larger documents are refused.
    public static let sizeLimit = 64 << 10

    /// The Ed25519 keys of the set.
    public var keys: [VerifyingKey]

    /// A set of keys.
    public init(keys: [VerifyingKey]) {
        self.keys = keys
    }

    private struct Document: Codable {
        struct Key: Codable {
            var kty: String
            var crv: String?
            var x: String?
            var kid: String?
            var use: String?
            var alg: String?
        }
        var keys: [Key]
    }

    /// Reads a document; keys of other types are passed over, as are those whose id is not their thumbprint.
    public init(json: [UInt8]) throws {
        guard json.count <= Self.sizeLimit, !JSONNesting.isTooDeep(json) else {
            throw CryptographyError.invalidParameter("JWKS size")
        }
        keys = try JSONDecoder().decode(Document.self, from: Data(json)).keys.compactMap { key in
            guard key.kty == "OKP", key.crv == "Ed25519", key.use ?? "sig" == "sig", key.alg ?? "EdDSA" == "EdDSA",
                let bytes = key.x.flatMap({ Base64.decodeURLSafe($0) }), let found = try? VerifyingKey(rawBytes: bytes),
                key.kid == nil || key.kid == found.keyID
            else { return nil }
            return found
        }
    }

    /// The document.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let document = Document(
            keys: keys.map {
                Document.Key(
                    kty: "OKP",
                    crv: "Ed25519",
                    x: Base64.encodeURLSafe($0.rawBytes),
                    kid: $0.keyID,
                    use: "sig",
                    alg: "EdDSA"
                )
            }
        )
        return try Array(encoder.encode(document))
    }
}
