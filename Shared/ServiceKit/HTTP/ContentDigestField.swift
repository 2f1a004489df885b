import Contracts
public import HTTPCore
public import Security

/// `Content-Digest` (RFC 9530): what the bytes of a message must hash to. Of several functions the strongest known one counts.
public struct ContentDigestField: Sendable, Equatable {
    /// The function.
    public let function: HashFunction
    /// What it must give; as long as its digests are.
    public let digest: [UInt8]

    /// A digest that is demanded.
    public init(_ function: HashFunction, _ digest: [UInt8]) {
        self.function = function
        self.digest = digest
    }

    /// What a message demands; nil when it demands nothing, or nothing that can be checked here. 400 when a digest is malformed.
    public static func read(_ fields: HTTPFields) throws(Problem) -> ContentDigestField? {
        var strongest: ContentDigestField?
        for member in fields.listMembers(of: .contentDigest) {
            let pair = member.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard pair.count == 2, pair[1].count >= 2, pair[1].hasPrefix(":"), pair[1].hasSuffix(":"),
                let digest = Base64.decode(pair[1].dropFirst().dropLast())
            else { throw Problem(.malformedRequest, "Content-Digest is written sha-256=:<base64>:") }
            let function: HashFunction
            switch pair[0] {
            case "sha-256": function = .sha256
            case "sha-512": function = .sha512
            default: continue
            }
            guard digest.count == function.digestLength else {
                throw Problem(.malformedRequest, "a \(pair[0]) has \(function.digestLength) bytes")
            }
            if strongest?.function != .sha512 { strongest = ContentDigestField(function, digest) }
        }
        return strongest
    }
}
