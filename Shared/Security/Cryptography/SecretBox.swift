import COpenSSL

/// Seals secrets that are stored: AES-256-GCM (NIST SP 800-38D) with a random nonce.
///
/// ```
/// | version 1 | nonce 12 | ciphertext n | tag 16 |
/// ```
/// The context (a row's id, a purpose) is authenticated and not stored: a sealed value moved elsewhere does not open.
/// A key seals at most 2^32 values. Any thread.
public struct SecretBox: Sendable {
    /// Bytes in a key.
    public static let keyLength = 32
    private static let version: UInt8 = 1
    private static let nonceLength = 12
    private static let tagLength = 16
    private static let lengthLimit = 1 << 24
    private let key: [UInt8]

    /// A box with a key of 32 bytes.
    public init(key: [UInt8]) throws(CryptographyError) {
        guard key.count == Self.keyLength else { throw .invalidParameter("AES key length") }
        self.key = key
    }

    /// Seals at most 16 MiB.
    public func seal(_ plaintext: [UInt8], context: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard plaintext.count <= Self.lengthLimit else { throw .invalidParameter("plaintext length") }
        let nonce = SecureRandom.bytes(Self.nonceLength)
        let cipher = try CipherContext()
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        var tag = [UInt8](repeating: 0, count: Self.tagLength)
        var length: Int32 = 0
        let done =
            unsafe EVP_EncryptInit_ex(cipher.pointer, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(cipher.pointer, nil, &length, context, Int32(context.count)) == 1
            && EVP_EncryptUpdate(cipher.pointer, &output, &length, plaintext, Int32(plaintext.count)) == 1
            && EVP_EncryptFinal_ex(cipher.pointer, &tag, &length) == 1
            && EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_GCM_GET_TAG, Int32(Self.tagLength), &tag) == 1
        guard done else { throw .operationFailed("AES-GCM") }
        return [Self.version] + nonce + output[..<plaintext.count] + tag
    }

    /// Opens what `seal` made with the same key and context.
    public func open(_ sealed: [UInt8], context: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let overhead = 1 + Self.nonceLength + Self.tagLength
        guard sealed.count >= overhead, sealed.count <= Self.lengthLimit + overhead, sealed[0] == Self.version else {
            throw .authenticationFailed
        }
        let nonce = Array(sealed[1..<1 + Self.nonceLength])
        let ciphertext = Array(sealed[(1 + Self.nonceLength)..<(sealed.count - Self.tagLength)])
        var tag = Array(sealed.suffix(Self.tagLength))
        let cipher = try CipherContext()
        var output = [UInt8](repeating: 0, count: ciphertext.count + 16)
        var rest = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        let done =
            unsafe EVP_DecryptInit_ex(cipher.pointer, EVP_aes_256_gcm(), nil, key, nonce) == 1
            && EVP_DecryptUpdate(cipher.pointer, nil, &length, context, Int32(context.count)) == 1
            && EVP_DecryptUpdate(cipher.pointer, &output, &length, ciphertext, Int32(ciphertext.count)) == 1
            && EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_GCM_SET_TAG, Int32(Self.tagLength), &tag) == 1
            && EVP_DecryptFinal_ex(cipher.pointer, &rest, &length) == 1
        guard done else { throw .authenticationFailed }
        return Array(output[..<ciphertext.count])
    }
}
