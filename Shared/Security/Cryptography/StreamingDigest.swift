import COpenSSL

/// A digest of bytes that come in pieces. For one thread.
@safe
public final class StreamingDigest {
    private let context: OpaquePointer
    private let function: HashFunction

    /// A digest of nothing yet.
    public init(_ function: HashFunction) {
        self.function = function
        let made = unsafe EVP_MD_CTX_new()
        // Both fail only when OpenSSL cannot allocate.
        guard let made = unsafe made, unsafe EVP_DigestInit_ex(made, function.algorithm, nil) == 1 else {
            preconditionFailure("OpenSSL is out of memory")
        }
        unsafe context = made
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Takes more bytes.
    public func update(_ bytes: [UInt8]) {
        let code = unsafe EVP_DigestUpdate(context, bytes, bytes.count)
        precondition(code == 1, "OpenSSL is out of memory")
    }

    /// The digest of all bytes; call once, last.
    public func finish() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: function.digestLength)
        let code = unsafe EVP_DigestFinal_ex(context, &output, nil)
        precondition(code == 1, "OpenSSL is out of memory")
        return output
    }
}
