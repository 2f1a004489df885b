import COpenSSL
import System

/// A private key on the curve P-256 (NIST SP 800-186): ES256 signatures (RFC 7518) and Diffie-Hellman, which Web Push is
/// made of.
///
/// Sendable although it holds a pointer: the key is never changed after `init`, and OpenSSL allows a constant EVP_PKEY to
/// be used from many threads (openssl-threads(7)); each operation has a context of its own.
@safe public final class P256Key: @unchecked Sendable {
    /// Bytes of an uncompressed point: 4, then x and y.
    public static let pointLength = 65
    private static let coordinateLength = 32
    private static let header = "-----BEGIN EC PRIVATE KEY-----"
    private static let footer = "-----END EC PRIVATE KEY-----"
    private static let fileLimit = 4096
    private let pointer: OpaquePointer
    /// The public half as an uncompressed point.
    public let publicPoint: [UInt8]

    /// A new key.
    public convenience init() throws(CryptographyError) {
        guard let pointer = unsafe openssl_p256_generate() else { throw .operationFailed("EVP_EC_gen") }
        try unsafe self.init(owning: pointer)
    }

    /// Reads a SEC 1 PEM text, as ``pem`` writes it.
    public convenience init(pem: String) throws(CryptographyError) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard lines.count >= 3, lines[0] == Self.header, lines[lines.count - 1] == Self.footer,
            let der = Base64.decode(lines[1..<lines.count - 1].joined())
        else { throw .invalidParameter("EC PEM") }
        let read = unsafe der.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return unsafe d2i_PrivateKey(EVP_PKEY_EC, nil, &next, bytes.count)
        }
        guard let read = unsafe read else {
            ERR_clear_error()
            throw .invalidParameter("EC PEM")
        }
        try unsafe self.init(owning: read)
    }

    /// Takes the pointer over, also when it throws: a key on another curve.
    @unsafe private init(owning pointer: OpaquePointer) throws(CryptographyError) {
        unsafe self.pointer = pointer
        var point = [UInt8](repeating: 0, count: Self.pointLength)
        let isPoint = unsafe openssl_p256_point(pointer, &point, point.count) == 1
        publicPoint = point
        guard isPoint, point[0] == 4 else { throw .invalidParameter("P-256 private key") }
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// The key as SEC 1 PEM.
    ///
    /// - Throws: `operationFailed` when OpenSSL has no memory.
    public func pem() throws(CryptographyError) -> String {
        var length = unsafe i2d_PrivateKey(pointer, nil)
        guard length > 0 else { throw .operationFailed("i2d_PrivateKey") }
        var der = [UInt8](repeating: 0, count: Int(length))
        unsafe der.withUnsafeMutableBufferPointer { bytes in
            var next = bytes.baseAddress
            length = unsafe i2d_PrivateKey(pointer, &next)
        }
        guard Int(length) == der.count else { throw .operationFailed("i2d_PrivateKey") }
        return "\(Self.header)\n\(Base64.encode(der))\n\(Self.footer)\n"
    }

    /// Reads the key of a file, or makes one and keeps it there with mode 0600. Blocks.
    public static func loadOrCreate(_ path: String) throws -> P256Key {
        if File.exists(path) {
            return try P256Key(pem: String(decoding: File.read(path, limit: fileLimit), as: UTF8.self))
        }
        let key = try P256Key()
        try File.createDirectory(File.directory(of: path))
        try File.replace(path, with: Array(key.pem().utf8), mode: 0o600)
        return key
    }

    /// The ES256 signature of a message: r and s, 32 bytes each.
    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .operationFailed("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var der = [UInt8](repeating: 0, count: 80)
        var length = der.count
        guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pointer) == 1,
            unsafe EVP_DigestSign(context, &der, &length, message, message.count) == 1,
            let signature = Self.joined(Array(der[..<length]))
        else { throw .operationFailed("EVP_DigestSign") }
        return signature
    }

    /// The secret that this key and another's point agree on (ECDH), 32 bytes.
    ///
    /// - Throws: `invalidParameter` for a point that is not on the curve.
    public func sharedSecret(with point: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard point.count == Self.pointLength, point[0] == 4, let peer = unsafe openssl_p256_public(point, point.count)
        else {
            ERR_clear_error()
            throw .invalidParameter("P-256 point")
        }
        defer { unsafe EVP_PKEY_free(peer) }
        guard let context = unsafe EVP_PKEY_CTX_new(pointer, nil) else { throw .operationFailed("EVP_PKEY_CTX_new") }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var secret = [UInt8](repeating: 0, count: Self.coordinateLength)
        var length = secret.count
        guard unsafe EVP_PKEY_derive_init(context) == 1, unsafe EVP_PKEY_derive_set_peer(context, peer) == 1,
            unsafe EVP_PKEY_derive(context, &secret, &length) == 1, length == Self.coordinateLength
        else {
            ERR_clear_error()
            throw .invalidParameter("P-256 point")
        }
        return secret
    }

    // SEQUENCE (0x30, length below 128) of two INTEGERs (0x02, length, big-endian with a sign bit).
    private static func joined(_ der: [UInt8]) -> [UInt8]? {
        guard der.count > 8, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        var output: [UInt8] = []
        for _ in 0..<2 {
            guard rest.count > 2, rest.removeFirst() == 0x02, let length = rest.popFirst(), rest.count >= length else {
                return nil
            }
            let number = rest.prefix(Int(length)).drop { $0 == 0 }
            guard number.count <= coordinateLength else { return nil }
            output += [UInt8](repeating: 0, count: coordinateLength - number.count) + number
            rest = rest.dropFirst(Int(length))
        }
        return rest.isEmpty ? output : nil
    }
}
