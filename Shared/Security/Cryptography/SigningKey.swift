import System

/// An Ed25519 private key (RFC 8032). Any thread.
public struct SigningKey: Sendable {
    /// PKCS #8 of RFC 8410 up to the 32 bytes of the seed.
    private static let pkcs8Prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let header = "-----BEGIN PRIVATE KEY-----"
    private static let footer = "-----END PRIVATE KEY-----"
    private static let fileLimit = 4096
    private let seed: [UInt8]
    private let key: EVPKey
    /// The public half.
    public let verifyingKey: VerifyingKey

    /// A new key.
    public init() throws(CryptographyError) {
        try self.init(seed: SecureRandom.bytes(EVPKey.rawLength))
    }

    /// The key of a 32-byte seed.
    public init(seed: [UInt8]) throws(CryptographyError) {
        self.seed = seed
        key = try EVPKey(seed: seed)
        verifyingKey = try VerifyingKey(rawBytes: key.publicKey())
    }

    /// Reads an unencrypted PKCS #8 PEM text that holds an Ed25519 key, as `openssl genpkey` writes it.
    public init(pem: String) throws(CryptographyError) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard lines.count >= 3, lines[0] == Self.header, lines[lines.count - 1] == Self.footer,
            let der = Base64.decode(lines[1..<lines.count - 1].joined()),
            der.starts(with: Self.pkcs8Prefix), der.count == Self.pkcs8Prefix.count + EVPKey.rawLength
        else { throw .invalidParameter("Ed25519 PEM") }
        try self.init(seed: Array(der.suffix(EVPKey.rawLength)))
    }

    /// The key as PKCS #8 PEM.
    public var pem: String {
        "\(Self.header)\n\(Base64.encode(Self.pkcs8Prefix + seed))\n\(Self.footer)\n"
    }

    /// Reads the key of a file, or makes one and keeps it there with mode 0600. Blocks.
    public static func loadOrCreate(_ path: String) throws -> SigningKey {
        if File.exists(path) {
            return try SigningKey(pem: String(decoding: File.read(path, limit: fileLimit), as: UTF8.self))
        }
        let key = try SigningKey()
        try key.store(path)
        return key
    }

    /// Keeps the key in a file with mode 0600, in one step. Blocks.
    public func store(_ path: String) throws {
        try File.createDirectory(File.directory(of: path))
        try File.replace(path, with: Array(pem.utf8), mode: 0o600)
    }

    /// The 64-byte signature of a message.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try key.sign(message)
    }
}
