import COpenSSL

/// One side of a TLS connection without I/O: what the peer sent goes in by `receive`, what is to be sent to it
/// comes out of `takeOutput`. It holds what was received and not read, and what was written and not taken; callers bound
/// both by reading and taking before they give more. For one thread at a time.
@safe public final class TLSSession {
    /// The most that one record carries, and so the most that one read brings.
    public static let recordLimit = 16 << 10
    /// The longest client name taken from a certificate, bytes.
    private static let subjectLimit = 1024

    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private var scratch: [UInt8] = []

    /// A server's session before its handshake. Errors: TLSError.failed when there is no memory.
    public convenience init(_ context: TLSServerContext) throws(TLSError) {
        try unsafe self.init(of: context.pointer)
        unsafe SSL_set_accept_state(session)
    }

    /// A client's session before its handshake, which fails unless the server's certificate is for `host`, a name or an
    /// address. Errors: TLSError.failed.
    public convenience init(_ context: TLSClientContext, host: String) throws(TLSError) {
        try unsafe self.init(of: context.pointer)
        guard unsafe openssl_expect_host(session, host) == 1 else { throw .failed("no host name: \(host)") }
        unsafe SSL_set_connect_state(session)
    }

    private init(of context: OpaquePointer) throws(TLSError) {
        guard let session = unsafe SSL_new(context) else { throw .failed("no memory") }
        guard let incoming = unsafe BIO_new(BIO_s_mem()), let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(session)
            throw .failed("no memory")
        }
        unsafe (self.session, self.incoming, self.outgoing) = (session, incoming, outgoing)
        // The session owns both from here on.
        unsafe SSL_set_bio(session, incoming, outgoing)
    }

    deinit { unsafe SSL_free(session) }

    /// Takes bytes that came from the peer.
    public func receive(_ bytes: ArraySlice<UInt8>) throws(TLSError) {
        guard !bytes.isEmpty else { return }
        let written = unsafe bytes.withUnsafeBytes { raw in
            unsafe BIO_write(incoming, raw.baseAddress, Int32(clamping: raw.count))
        }
        guard written == bytes.count else { throw .failed("no memory") }
    }

    /// Goes on with the handshake; whether it is complete. Take the output after each call, after an error too: it may
    /// hold an alert that tells the peer why.
    public func handshake() throws(TLSError) -> Bool {
        ERR_clear_error()
        let code = unsafe SSL_do_handshake(session)
        if code == 1 { return true }
        return try isWaiting(code)
    }

    /// The next bytes that the peer sent, at most `recordLimit`; empty when more has to be received first, nil when the
    /// peer has said that no more will come.
    public func read() throws(TLSError) -> ArraySlice<UInt8>? {
        if scratch.isEmpty { scratch = [UInt8](repeating: 0, count: Self.recordLimit) }
        ERR_clear_error()
        let count = unsafe scratch.withUnsafeMutableBytes { raw in
            unsafe SSL_read(session, raw.baseAddress, Int32(raw.count))
        }
        if count > 0 { return scratch[..<Int(count)] }
        if unsafe SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN { return nil }
        _ = try isWaiting(count)
        // Idle sessions keep nothing.
        scratch = []
        return []
    }

    /// Encrypts bytes, at most `recordLimit` at a time.
    public func write(_ bytes: ArraySlice<UInt8>) throws(TLSError) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        // Memory takes all that is written: there is no partial success.
        let count = unsafe bytes.withUnsafeBytes { raw in
            unsafe SSL_write(session, raw.baseAddress, Int32(clamping: raw.count))
        }
        guard count == bytes.count else { throw .failed(TLSError.reason) }
    }

    /// How many bytes `takeOutput` would return.
    public var outputCount: Int { unsafe BIO_ctrl_pending(outgoing) }

    /// What is to be sent to the peer now.
    public func takeOutput() -> [UInt8] {
        let count = outputCount
        guard count > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Int(unsafe BIO_read(outgoing, buffer.baseAddress, Int32(clamping: count))))
        }
    }

    /// Tells the peer that nothing more will be written; take the output afterwards.
    public func close() {
        ERR_clear_error()
        // What cannot be said any more is not worth an error: the socket closes next.
        _ = unsafe SSL_shutdown(session)
        ERR_clear_error()
    }

    /// The subject of the certificate that the peer has shown and proved to own, as RFC 2253 writes it, such as
    /// `CN=billing,O=Example`; nil without one. After the handshake.
    public var peerSubject: String? {
        guard let certificate = unsafe SSL_get1_peer_certificate(session) else { return nil }
        defer { unsafe X509_free(certificate) }
        guard unsafe SSL_get_verify_result(session) == Int(X509_V_OK) else { return nil }
        var text = [UInt8](repeating: 0, count: Self.subjectLimit)
        let length = unsafe text.withUnsafeMutableBytes { raw in
            unsafe openssl_subject(certificate, raw.bindMemory(to: CChar.self).baseAddress, Int32(raw.count))
        }
        guard length > 0 else { return nil }
        return String(validating: text.prefix(Int(length)), as: UTF8.self)
    }

    /// False when the call needs more from the peer; throws when it failed.
    private func isWaiting(_ code: Int32) throws(TLSError) -> Bool {
        switch unsafe SSL_get_error(session, code) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            return false
        default:
            throw .failed(TLSError.reason)
        }
    }
}
