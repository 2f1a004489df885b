import System

/// A random secret that lives in a file of mode 0600: the key of a pair of services, of a cipher, of cursors.
public enum SecretFile {
    private static let sizeLimit = 4096
    private static let secretLength = 32

    /// Reads the secret of a file, or makes 32 random bytes and keeps them there as hexadecimal; processes that do so at
    /// once get the same. Blocks.
    public static func loadOrCreate(_ path: String) throws -> [UInt8] {
        if let secret = try load(path) { return secret }
        let text = Hexadecimal.encode(SecureRandom.bytes(secretLength)) + "\n"
        try File.createDirectory(File.directory(of: path))
        _ = try File.create(path, with: Array(text.utf8))
        guard let secret = try load(path) else { throw CryptographyError.invalidParameter("secret in \(path)") }
        return secret
    }

    /// Reads the secret of a file; nil when there is none. Blocks.
    public static func load(_ path: String) throws -> [UInt8]? {
        guard File.exists(path) else { return nil }
        let text = String(decoding: try File.read(path, limit: sizeLimit), as: UTF8.self)
        let digits = text.prefix { !$0.isWhitespace }
        guard let secret = Hexadecimal.decode(digits), secret.count >= secretLength else {
            throw CryptographyError.invalidParameter("secret in \(path)")
        }
        return secret
    }
}
