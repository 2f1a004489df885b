import COpenSSL

/// A hash function of OpenSSL (FIPS 180-4). Pure; any thread.
public enum HashFunction: Sendable {
    /// SHA-1: only where a protocol demands it (the WebSocket handshake).
    case sha1
    /// SHA-256.
    case sha256
    /// SHA-512.
    case sha512

    /// Bytes in a digest.
    public var digestLength: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    /// The digest of the bytes.
    public func digest(_ bytes: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: digestLength)
        let code = unsafe EVP_Digest(bytes, bytes.count, &output, nil, algorithm, nil)
        // Fails only when OpenSSL cannot allocate: any input has a digest.
        precondition(code == 1, "OpenSSL is out of memory")
        return output
    }

    /// The digest of a text's UTF-8.
    public func digest(_ text: String) -> [UInt8] { digest(Array(text.utf8)) }

    /// HMAC of the message (RFC 2104).
    public func authenticationCode(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: digestLength)
        // An empty array may have no address, and HMAC takes a null key as "the last one".
        let keyBytes = key.isEmpty ? [0] : key
        let done = unsafe HMAC(algorithm, keyBytes, Int32(key.count), message, message.count, &output, nil) != nil
        precondition(done, "OpenSSL is out of memory")
        return output
    }

    var algorithm: OpaquePointer? {
        switch self {
        case .sha1: unsafe EVP_sha1()
        case .sha256: unsafe EVP_sha256()
        case .sha512: unsafe EVP_sha512()
        }
    }
}

/// Compares without telling by its time where two secrets differ; their lengths are no secret.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
}
