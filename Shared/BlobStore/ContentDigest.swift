import Security
import System

/// The SHA-256 of a content: the name of its blob. Written as 64 lowercase hexadecimal digits.
public struct ContentDigest: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Bytes read at once.
    private static let pieceSize = 1 << 20

    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes 32 bytes; nil for another count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == HashFunction.sha256.digestLength else { return nil }
        self.bytes = bytes
    }

    /// Reads hexadecimal digits of either case; nil for anything but 64 of them.
    public init?(_ text: some StringProtocol) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// Computes the digest of a file's first `size` bytes, a piece at a time. Blocks: on a worker thread.
    ///
    /// - Throws: `SystemError`; `EIO` when the file is shorter.
    public static func of(file path: String, size: Int64) throws -> ContentDigest {
        let file = try OpenFile(reading: path)
        let digest = try IncrementalDigest(.sha256)
        var offset: Int64 = 0
        while offset < size {
            let piece = try file.read(at: offset, count: Int(min(Int64(pieceSize), size - offset)))
            guard !piece.isEmpty else { throw BlobError.sizeMismatch }
            digest.update(piece)
            offset += Int64(piece.count)
        }
        guard let result = ContentDigest(bytes: digest.finish()) else { throw BlobError.sizeMismatch }
        return result
    }

    /// By the bytes.
    public static func < (left: ContentDigest, right: ContentDigest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// 64 lowercase hexadecimal digits.
    public var description: String { Hexadecimal.encode(bytes) }
}
