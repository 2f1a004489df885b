import COpenSSL

/// A digest of bytes that come in pieces, such as an upload. One thread at a time.
@safe public final class IncrementalDigest {
    private let context: OpaquePointer
    private let function: HashFunction

    /// Starts a digest; fails when OpenSSL cannot allocate.
    public init(_ function: HashFunction) throws(CryptographyError) {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .operationFailed("EVP_MD_CTX_new") }
        guard unsafe EVP_DigestInit_ex(context, function.algorithm, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .operationFailed("EVP_DigestInit_ex")
        }
        unsafe self.context = context
        self.function = function
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { buffer in
            _ = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
    }

    /// Adds bytes.
    public func update(_ bytes: [UInt8]) {
        _ = unsafe EVP_DigestUpdate(context, bytes, bytes.count)
    }

    /// The digest of all that was added; the object starts anew.
    public func finish() -> [UInt8] {
        var output = [UInt8](repeating: 0, count: function.digestLength)
        _ = unsafe EVP_DigestFinal_ex(context, &output, nil)
        _ = unsafe EVP_DigestInit_ex(context, function.algorithm, nil)
        return output
    }
}
