import COpenSSL

/// The files of a TLS server, all PEM.
public struct TLSServerConfiguration: Sendable, Equatable {
    /// What a client's certificate is good for; raw values are those of Kafka's `ssl.client.auth`.
    public enum ClientAuthentication: String, Sendable {
        /// Nobody asks for one.
        case none
        /// A client may show one; it has to be valid then.
        case requested
        /// Who shows none is turned away.
        case required
    }

    /// The certificate, followed by those that lead to its authority.
    public var certificate: String
    /// The private key, not encrypted.
    public var key: String
    /// The authorities that sign clients' certificates.
    public var clientAuthorities: String?
    /// Whether clients show certificates.
    public var clientAuthentication = ClientAuthentication.none

    /// A server that asks for no client certificates.
    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Why TLS could not be spoken.
public enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file cannot be read, is not what it should be, or does not fit the others.
    case invalidFile(String, reason: String)
    /// The peer broke the protocol, or the two have nothing in common; in OpenSSL's words.
    case failed(String)

    /// For logs.
    public var description: String {
        switch self {
        case .invalidFile(let path, let reason): "\(path): \(reason)"
        case .failed(let reason): "TLS: \(reason)"
        }
    }

    /// What OpenSSL's error queue of this thread says, which is empty afterwards.
    static var reason: String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "unknown reason" }
        return unsafe String(cString: text)
    }
}

/// A server's certificate and key, and what it demands of clients: TLS 1.2 or later, no renegotiation, no resumption.
///
/// Sendable although it holds a pointer: nothing changes it after `init`, and OpenSSL lets threads share such a context
/// (openssl-threads(7)).
@safe public final class TLSServerContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Reads the files. Blocks. Errors: TLSError.invalidFile.
    public init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = unsafe openssl_server_context() else { throw .failed("no memory") }
        unsafe self.pointer = pointer
        try unsafe Self.show(configuration.certificate, configuration.key, in: pointer)
        guard configuration.clientAuthentication != .none else { return }
        let authorities = configuration.clientAuthorities ?? ""
        guard unsafe SSL_CTX_load_verify_file(pointer, authorities) == 1,
            let names = unsafe SSL_load_client_CA_file(authorities)
        else { throw .invalidFile(authorities, reason: TLSError.reason) }
        unsafe SSL_CTX_set_client_CA_list(pointer, names)
        let isRequired = configuration.clientAuthentication == .required
        unsafe SSL_CTX_set_verify(
            pointer,
            SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
            nil
        )
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// Gives a context, of either side, the certificate that it shows, and its key.
    static func show(_ certificate: String, _ key: String, in pointer: OpaquePointer) throws(TLSError) {
        // Without this OpenSSL would ask the terminal for the password of an encrypted key.
        unsafe SSL_CTX_set_default_passwd_cb(pointer) { @Sendable _, _, _, _ in -1 }
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
            throw .invalidFile(certificate, reason: TLSError.reason)
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_check_private_key(pointer) == 1
        else { throw .invalidFile(key, reason: TLSError.reason) }
    }
}
