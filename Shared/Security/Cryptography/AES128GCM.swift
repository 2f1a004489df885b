import COpenSSL

/// AES-128-GCM (NIST SP 800-38D) for protocols that say key and nonce themselves, such as Web Push; what is stored is sealed
/// by ``SecretBox``. A nonce must never be used twice with one key. Pure; any thread.
public enum AES128GCM {
    /// Bytes in a key.
    public static let keyLength = 16
    /// Bytes in a nonce.
    public static let nonceLength = 12
    private static let tagLength = 16
    private static let lengthLimit = 1 << 24

    /// The ciphertext, then the tag of 16 bytes.
    public static func seal(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard key.count == keyLength, nonce.count == nonceLength, plaintext.count <= lengthLimit else {
            throw .invalidParameter("AES-128-GCM")
        }
        let cipher = try CipherContext()
        var output = [UInt8](repeating: 0, count: plaintext.count + 16)
        var tag = [UInt8](repeating: 0, count: tagLength)
        var length: Int32 = 0
        let done =
            unsafe EVP_EncryptInit_ex(cipher.pointer, EVP_aes_128_gcm(), nil, key, nonce) == 1
            && EVP_EncryptUpdate(cipher.pointer, &output, &length, plaintext, Int32(plaintext.count)) == 1
            && EVP_EncryptFinal_ex(cipher.pointer, &tag, &length) == 1
            && EVP_CIPHER_CTX_ctrl(cipher.pointer, EVP_CTRL_GCM_GET_TAG, Int32(tagLength), &tag) == 1
        guard done else { throw .operationFailed("AES-GCM") }
        return Array(output[..<plaintext.count]) + tag
    }
}
