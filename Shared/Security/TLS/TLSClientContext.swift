import COpenSSL

/// Whom a TLS client believes, and what it shows of itself: TLS 1.2 or later, the server's certificate is checked.
///
/// Sendable although it holds a pointer: nothing changes it after `init`, and OpenSSL lets threads share such a context
/// (openssl-threads(7)).
@safe public final class TLSClientContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// `authorities` is the PEM file of those who sign servers' certificates, nil for the system's; `certificate` and
    /// `key` are PEM files of the client's own, both or none. Blocks. Errors: TLSError.invalidFile.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = unsafe openssl_client_context() else { throw .failed("no memory") }
        unsafe self.pointer = pointer
        if let authorities {
            guard unsafe SSL_CTX_load_verify_file(pointer, authorities) == 1 else {
                throw .invalidFile(authorities, reason: TLSError.reason)
            }
        } else {
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else { throw .failed(TLSError.reason) }
        }
        guard certificate != nil || key != nil else { return }
        guard let certificate, let key else {
            throw .invalidFile(certificate ?? key ?? "", reason: "a certificate and its key belong together")
        }
        try unsafe TLSServerContext.show(certificate, key, in: pointer)
    }

    deinit { unsafe SSL_CTX_free(pointer) }
}
