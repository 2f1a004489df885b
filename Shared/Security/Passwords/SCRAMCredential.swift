/// What a server keeps of a password for SCRAM (RFC 5802, RFC 7677): enough to check a client and to prove itself, not
/// enough to log in elsewhere.
public struct SCRAMCredential: Sendable, Equatable {
    /// Rounds for new credentials; also the least that RFC 7677 asks for.
    public static let defaultIterations = 4096

    /// The variant it is for.
    public let mechanism: SCRAMMechanism
    /// Random bytes that went into the hash.
    public let salt: [UInt8]
    /// Rounds of PBKDF2.
    public let iterations: Int
    /// H(ClientKey).
    public let storedKey: [UInt8]
    /// The key of the server's own signature.
    public let serverKey: [UInt8]

    /// A credential read back from storage.
    public init(mechanism: SCRAMMechanism, salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        self.mechanism = mechanism
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// The credential of a password. Takes about 1 ms. Passwords are used as they are, as Kafka does (no SASLprep).
    public init(
        mechanism: SCRAMMechanism,
        password: String,
        salt: [UInt8] = SecureRandom.bytes(16),
        iterations: Int = defaultIterations
    ) throws(CryptographyError) {
        let salted = try KeyDerivation.pbkdf2(
            mechanism.hash,
            password: Array(password.utf8),
            salt: salt,
            iterations: iterations
        )
        self.init(mechanism: mechanism, saltedPassword: salted, salt: salt, iterations: iterations)
    }

    /// The credential of a password that somebody else has salted and hashed (RFC 5802: SaltedPassword).
    public init(mechanism: SCRAMMechanism, saltedPassword: [UInt8], salt: [UInt8], iterations: Int) {
        let hash = mechanism.hash
        let clientKey = hash.authenticationCode(key: saltedPassword, message: Array("Client Key".utf8))
        self.init(
            mechanism: mechanism,
            salt: salt,
            iterations: iterations,
            storedKey: hash.digest(clientKey),
            serverKey: hash.authenticationCode(key: saltedPassword, message: Array("Server Key".utf8))
        )
    }
}

/// A SCRAM variant without channel binding.
public enum SCRAMMechanism: String, Sendable, CaseIterable {
    /// RFC 7677.
    case sha256 = "SCRAM-SHA-256"
    /// As Kafka offers it.
    case sha512 = "SCRAM-SHA-512"

    /// The hash function behind it.
    public var hash: HashFunction {
        switch self {
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }
}
