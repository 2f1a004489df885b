import Reactor
import System

/// Reads a part of a blob from its beginning to its end; one task at a time.
public final class BlobReader: Sendable {
    /// Bytes of a piece read from a disk.
    public static let pieceSize = 256 << 10

    enum Source: Sendable {
        case file(OpenFile, WorkerPool)
        case object(S3Object)
    }

    private let source: Source
    private let range: Range<Int64>

    init(_ source: Source, _ range: Range<Int64>) {
        self.source = source
        self.range = range
    }

    /// Hands the part's bytes to `write`, one piece after the other: the next is read when the last was taken, and what is
    /// on its way from an object store waits there.
    ///
    /// - Throws: `BlobError.sizeMismatch` when the blob ends before the range; what `write` throws.
    public func forEach(_ write: (_ piece: [UInt8]) async throws -> Void) async throws {
        switch source {
        case .file(let file, let workers):
            var offset = range.lowerBound
            while offset < range.upperBound {
                let (place, count) = (offset, Int(min(Int64(Self.pieceSize), range.upperBound - offset)))
                let piece = try await workers.run { try file.read(at: place, count: count) }
                guard !piece.isEmpty else { throw BlobError.sizeMismatch }
                try await write(piece)
                offset += Int64(piece.count)
            }
        case .object(let object): try await object.forEach(in: range, write)
        }
    }
}
