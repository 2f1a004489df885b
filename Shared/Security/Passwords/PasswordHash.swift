import CArgon2

/// Argon2id password hashes in PHC form (RFC 9106; parameters of the OWASP Password Storage Cheat Sheet).
///
/// One hash takes 35 ms and 19 MiB, which are kept for the next (``HashMemory``): run it on a bounded worker thread, never on
/// an event loop. Pure; any thread.
public struct PasswordHash: Sendable, Equatable {
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
    /// Bytes of salt that libargon2 asks for.
    private static let leastSalt = 8

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
        let digest = try digest(bytes, salt: salt, count: Self.hashLength)
        let texts = [salt, digest].map { Base64.encode($0).filter { $0 != "=" } }
        return "$argon2id$v=19$m=\(memory),t=\(iterations),p=\(parallelism)$\(texts[0])$\(texts[1])"
    }

    /// Argon2 version 1.3. The memory is one that an earlier hash left, or the kernel would map and clear 19 MiB anew for
    /// each: a third of its time.
    private func digest(
        _ password: [UInt8],
        salt: [UInt8],
        count: Int,
        _ variant: Variant = .argon2id
    ) throws(CryptographyError) -> [UInt8] {
        var (password, salt) = (password, salt)
        var digest = [UInt8](repeating: 0, count: count)
        var context = unsafe argon2_context()
        unsafe context.t_cost = iterations
        unsafe context.m_cost = memory
        unsafe context.lanes = parallelism
        // Lanes one after the other.
        unsafe context.threads = 1
        unsafe context.version = ARGON2_VERSION_13.rawValue
        unsafe context.allocate_cbk = { @Sendable memory, count in
            guard let memory = unsafe memory else { return ARGON2_MEMORY_ALLOCATION_ERROR.rawValue }
            unsafe memory.pointee = HashMemory.take(count)
            return ARGON2_OK.rawValue
        }
        unsafe context.free_cbk = { @Sendable memory, count in
            if let memory = unsafe memory { unsafe HashMemory.give(memory, count) }
        }
        unsafe context.outlen = UInt32(digest.count)
        unsafe context.pwdlen = UInt32(password.count)
        unsafe context.saltlen = UInt32(salt.count)
        let code = unsafe digest.withUnsafeMutableBufferPointer { digest in
            unsafe password.withUnsafeMutableBufferPointer { password in
                unsafe salt.withUnsafeMutableBufferPointer { salt in
                    unsafe context.out = digest.baseAddress
                    unsafe context.pwd = password.baseAddress
                    unsafe context.salt = salt.baseAddress
                    return switch variant {
                    case .argon2id: unsafe argon2id_ctx(&context)
                    case .argon2i: unsafe argon2i_ctx(&context)
                    case .argon2d: unsafe argon2d_ctx(&context)
                    }
                }
            }
        }
        guard code == ARGON2_OK.rawValue else { throw .operationFailed("\(variant.rawValue): \(code)") }
        return digest
    }

    /// Whether the password is the one behind the stored string, which may be of any variant of Argon2, or bcrypt, scrypt or
    /// PBKDF2 of another program. A malformed string or absurd parameters are false.
    public static func verify(_ password: String, against encoded: String) -> Bool {
        let bytes = Array(password.utf8)
        guard bytes.count <= passwordLimit else { return false }
        guard let stored = stored(encoded) else { return ForeignPasswordHash(encoded)?.matches(bytes) ?? false }
        let digest = try? stored.parameters.digest(
            bytes,
            salt: stored.salt,
            count: stored.digest.count,
            stored.variant
        )
        return digest.map { constantTimeEqual($0, stored.digest) } ?? false
    }

    /// Whether passwords can be checked against the string: a hash that `verify` knows, which costs no more than a log-in may
    /// take. For hashes that come from elsewhere.
    public static func canVerify(_ encoded: String) -> Bool {
        stored(encoded) != nil || ForeignPasswordHash(encoded) != nil
    }

    /// A string of Argon2 whose parameters are in bounds.
    private static func stored(_ encoded: String) -> Stored? {
        guard encoded.utf8.count < encodedLimit, let stored = parameters(of: encoded) else { return nil }
        let asked = stored.parameters
        guard (1...4).contains(asked.parallelism), (8 * asked.parallelism...memoryLimit).contains(asked.memory),
            (1...iterationLimit).contains(asked.iterations), stored.salt.count >= leastSalt,
            stored.digest.count >= ForeignPasswordHash.leastDigest
        else { return nil }
        return stored
    }

    /// Whether the stored string was made with another variant or other parameters than these, so that the next good log-in
    /// should store a new one.
    public func needsRehash(_ encoded: String) -> Bool {
        guard let stored = Self.parameters(of: encoded) else { return true }
        return stored.variant != .argon2id || stored.parameters != self
    }

    /// How memory is gone through; new hashes are Argon2id, the others come with accounts from elsewhere.
    private enum Variant: String {
        case argon2id, argon2i, argon2d
    }

    private struct Stored {
        let variant: Variant
        let parameters: PasswordHash
        let salt: [UInt8]
        let digest: [UInt8]
    }

    private static func parameters(of encoded: String) -> Stored? {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, let variant = Variant(rawValue: String(parts[1])), parts[2] == "v=19"
        else { return nil }
        let values = parts[3].split(separator: ",")
        guard values.count == 3, values[0].hasPrefix("m="), values[1].hasPrefix("t="), values[2].hasPrefix("p="),
            let memory = UInt32(values[0].dropFirst(2)), let iterations = UInt32(values[1].dropFirst(2)),
            let parallelism = UInt32(values[2].dropFirst(2)),
            let salt = bytes(of: parts[4]), let digest = bytes(of: parts[5])
        else { return nil }
        let parameters = PasswordHash(memory: memory, iterations: iterations, parallelism: parallelism)
        return Stored(variant: variant, parameters: parameters, salt: salt, digest: digest)
    }

    /// Base64 as in PHC strings: the standard alphabet without padding.
    private static func bytes(of text: Substring) -> [UInt8]? {
        Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
