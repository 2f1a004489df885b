import CArgon2

/// Argon2id password hashes in PHC form (RFC 9106; parameters of the OWASP Password Storage Cheat Sheet).
///
/// One hash takes 35–50 ms and 19 MiB: run it on a bounded worker thread, never on an event loop. Pure; any thread.
public struct PasswordHash: Sendable {
    /// Memory in KiB.
    public let memory: UInt32
    /// Passes over the memory.
    public let iterations: UInt32
    /// Lanes, computed one after the other.
    public let parallelism: UInt32

    /// What new hashes are made with: 19 MiB, two passes, one lane.
    public static let standard = PasswordHash(memory: 19_456, iterations: 2, parallelism: 1)
    /// Longer passwords are refused before any work is done.
    public static let passwordLimit = 1024
    /// Longer stored strings are refused.
    public static let encodedLimit = 512
    /// Stored parameters above this are refused, or a forged row could ask for all memory: 256 MiB.
    public static let memoryLimit: UInt32 = 262_144
    private static let iterationLimit: UInt32 = 10
    private static let hashLength = 32

    /// Parameters of one's own, for tests and later strengthening.
    public init(memory: UInt32, iterations: UInt32, parallelism: UInt32) {
        self.memory = memory
        self.iterations = iterations
        self.parallelism = parallelism
    }

    /// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
    public func hash(
        _ password: String,
        salt: [UInt8] = SecureRandom.bytes(16)
    ) throws(CryptographyError) -> String {
        let bytes = Array(password.utf8)
        guard bytes.count <= Self.passwordLimit else { throw .invalidParameter("password length") }
        var encoded = [CChar](repeating: 0, count: Self.encodedLimit)
        let code = unsafe argon2id_hash_encoded(
            iterations,
            memory,
            parallelism,
            bytes,
            bytes.count,
            salt,
            salt.count,
            Self.hashLength,
            &encoded,
            encoded.count
        )
        guard code == ARGON2_OK.rawValue else { throw .operationFailed("argon2id: \(code)") }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password is the one behind the stored string. A malformed string or absurd parameters are false.
    public static func verify(_ password: String, against encoded: String) -> Bool {
        let bytes = Array(password.utf8)
        guard bytes.count <= passwordLimit, encoded.utf8.count < encodedLimit, let stored = parameters(of: encoded),
            stored.memory <= memoryLimit, stored.iterations <= iterationLimit, stored.parallelism <= 4
        else { return false }
        return unsafe argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue
    }

    /// Whether the stored string was made with other parameters than these, so that the next good log-in should store
    /// a new one.
    public func needsRehash(_ encoded: String) -> Bool {
        guard let stored = Self.parameters(of: encoded) else { return true }
        return stored != (memory, iterations, parallelism)
    }

    private static func parameters(of encoded: String) -> (memory: UInt32, iterations: UInt32, parallelism: UInt32)? {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let values = parts[3].split(separator: ",")
        guard values.count == 3, values[0].hasPrefix("m="), values[1].hasPrefix("t="), values[2].hasPrefix("p="),
            let memory = UInt32(values[0].dropFirst(2)), let iterations = UInt32(values[1].dropFirst(2)),
            let parallelism = UInt32(values[2].dropFirst(2))
        else { return nil }
        return (memory, iterations, parallelism)
    }
}
