import COpenSSL

/// Makes keys from other secrets. Pure; any thread.
public enum KeyDerivation {
    /// HKDF with SHA-256 (RFC 5869): independent keys from one strong secret, told apart by `info`.
    public static func hkdfSHA256(
        secret: [UInt8],
        salt: [UInt8] = [],
        info: String,
        length: Int = 32
    ) throws(CryptographyError) -> [UInt8] {
        try hkdfSHA256(secret: secret, salt: salt, info: Array(info.utf8), length: length)
    }

    /// HKDF with SHA-256 (RFC 5869), `info` as bytes; at most 8,160 bytes come out.
    public static func hkdfSHA256(
        secret: [UInt8],
        salt: [UInt8],
        info: [UInt8],
        length: Int
    ) throws(CryptographyError) -> [UInt8] {
        let hash = HashFunction.sha256
        guard (1...255 * hash.digestLength).contains(length) else { throw .invalidParameter("HKDF length") }
        let pseudorandomKey = hash.authenticationCode(
            key: salt.isEmpty ? [UInt8](repeating: 0, count: hash.digestLength) : salt,
            message: secret
        )
        var output: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 1
        while output.count < length {
            block = hash.authenticationCode(key: pseudorandomKey, message: block + info + [counter])
            output += block
            counter &+= 1
        }
        return Array(output[..<length])
    }

    /// PBKDF2 (RFC 8018), for SCRAM. 4,096 rounds take about 1 ms: not on an event loop for many.
    public static func pbkdf2(
        _ hash: HashFunction,
        password: [UInt8],
        salt: [UInt8],
        iterations: Int
    ) throws(CryptographyError) -> [UInt8] {
        guard iterations > 0, let rounds = Int32(exactly: iterations), let length = Int32(exactly: password.count)
        else {
            throw .invalidParameter("PBKDF2 iterations")
        }
        var output = [UInt8](repeating: 0, count: hash.digestLength)
        let size = Int32(output.count)
        let code = unsafe password.withUnsafeBytes { bytes in
            unsafe PKCS5_PBKDF2_HMAC(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                length,
                salt,
                Int32(salt.count),
                rounds,
                hash.algorithm,
                size,
                &output
            )
        }
        guard code == 1 else { throw .operationFailed("PKCS5_PBKDF2_HMAC") }
        return output
    }

    /// What one run of scrypt takes (RFC 7914).
    struct ScryptCost {
        /// N, a power of two.
        let cost: Int
        /// r.
        let blockSize: Int
        /// p.
        let parallelism: Int

        /// Bytes.
        var memory: Int { 128 * blockSize * (cost + parallelism + 2) }
    }

    /// scrypt (RFC 7914): a worker thread's work, in as much memory as the cost says.
    static func scrypt(
        _ cost: ScryptCost,
        password: [UInt8],
        salt: [UInt8],
        length: Int
    ) throws(CryptographyError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        let code = unsafe password.withUnsafeBytes { bytes in
            unsafe EVP_PBE_scrypt(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                password.count,
                salt,
                salt.count,
                UInt64(cost.cost),
                UInt64(cost.blockSize),
                UInt64(cost.parallelism),
                UInt64(cost.memory),
                &output,
                length
            )
        }
        guard code == 1 else { throw .operationFailed("EVP_PBE_scrypt") }
        return output
    }
}
