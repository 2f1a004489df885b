import COpenSSL

/// An Ed25519 key inside OpenSSL, freed with the object.
///
/// Sendable although it holds a pointer: the key is never changed after `init`, and OpenSSL allows a constant EVP_PKEY to
/// be used from many threads (CRYPTO_THREAD in openssl-threads(7)); each operation has a context of its own.
@safe final class EVPKey: @unchecked Sendable {
    static let rawLength = 32
    static let signatureLength = 64
    private let pointer: OpaquePointer

    init(seed: [UInt8]) throws(CryptographyError) {
        guard seed.count == Self.rawLength,
            let pointer = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        else { throw .invalidParameter("Ed25519 private key") }
        unsafe self.pointer = pointer
    }

    init(publicKey: [UInt8]) throws(CryptographyError) {
        guard publicKey.count == Self.rawLength,
            let pointer = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, publicKey.count)
        else { throw .invalidParameter("Ed25519 public key") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    func publicKey() throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.rawLength)
        var length = bytes.count
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &length) == 1, length == Self.rawLength else {
            throw .operationFailed("EVP_PKEY_get_raw_public_key")
        }
        return bytes
    }

    func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .operationFailed("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Self.signatureLength)
        var length = signature.count
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, pointer) == 1,
            unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        else { throw .operationFailed("EVP_DigestSign") }
        return signature
    }

    func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureLength, let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, pointer) == 1,
            unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        else {
            // A failed check leaves entries in this thread's error queue, which TLS code would take for its own.
            ERR_clear_error()
            return false
        }
        return true
    }
}
