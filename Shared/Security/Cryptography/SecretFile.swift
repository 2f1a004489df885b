import System

/// A random secret that lives in a file of mode 0600: the key of a pair of services, of a cipher, of cursors.
public enum SecretFile {
    private static let sizeLimit = 4096
    private static let secretLength = 32

    /// Reads the secret of a file, or makes 32 random bytes and keeps them there as hexadecimal. Blocks.
    public static func loadOrCreate(_ path: String) throws -> [UInt8] {
        if File.exists(path) {
            let text = String(decoding: try File.read(path, limit: sizeLimit), as: UTF8.self)
            let digits = text.prefix { !$0.isWhitespace }
            guard let secret = Hexadecimal.decode(digits), secret.count >= secretLength else {
                throw CryptographyError.invalidParameter("secret in \(path)")
            }
            return secret
        }
        let secret = SecureRandom.bytes(secretLength)
        try File.createDirectory(File.directory(of: path))
        try File.replace(path, with: Array((Hexadecimal.encode(secret) + "\n").utf8), mode: 0o600)
        return secret
    }
}
