import COpenSSL

/// An EVP_CIPHER_CTX that frees itself.
@safe struct CipherContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptographyError) {
        guard let pointer = unsafe EVP_CIPHER_CTX_new() else { throw .operationFailed("EVP_CIPHER_CTX_new") }
        unsafe self.pointer = pointer
    }

    deinit { unsafe EVP_CIPHER_CTX_free(pointer) }
}
