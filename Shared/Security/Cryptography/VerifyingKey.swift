/// An Ed25519 public key (RFC 8032). Any thread.
public struct VerifyingKey: Sendable, Equatable {
    /// The 32 bytes of the encoded point.
    public let rawBytes: [UInt8]
    /// The key's name: its RFC 7638 thumbprint, so nobody has to choose one.
    public let keyID: String
    private let key: EVPKey

    /// A key from its 32 bytes.
    public init(rawBytes: [UInt8]) throws(CryptographyError) {
        self.rawBytes = rawBytes
        key = try EVPKey(publicKey: rawBytes)
        let canonical = #"{"crv":"Ed25519","kty":"OKP","x":""# + Base64.encodeURLSafe(rawBytes) + #""}"#
        keyID = Base64.encodeURLSafe(HashFunction.sha256.digest(canonical))
    }

    /// Whether the signature is this key's for the message.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isValid(signature: signature, for: message)
    }

    /// Equal when the points are.
    public static func == (left: VerifyingKey, right: VerifyingKey) -> Bool { left.rawBytes == right.rawBytes }
}
