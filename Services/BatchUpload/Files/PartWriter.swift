import BlobStore
import Contracts
import Security
import ServiceKit
import Synchronization
import System

/// The parts of a file that one request brings, on their way to disk: digested, written to their places, synchronized. A part
/// that is durable already is not written again but compared.
///
/// Calls block, so they are made on worker threads; one at a time.
final class PartWriter: Sendable {
    private struct State {
        var part: Int
        var offset: Int64
        let partDigest: IncrementalDigest
        /// Of all bytes, where something else than SHA-256 of one part is demanded.
        let wholeDigest: IncrementalDigest?
        var file: OpenFile?
        var new: [Int: ContentDigest] = [:]
        var differs = false
    }

    private let layout: PartLayout
    private let parts: Range<Int>
    private let known: [Int: ContentDigest]
    private let demanded: [ContentDigestField]
    private let open: @Sendable () throws -> OpenFile
    private let state: Mutex<State>

    /// `demanded` are digests that all the bytes must have, by one function.
    init(
        _ layout: PartLayout,
        _ parts: Range<Int>,
        known: [Int: ContentDigest],
        demanded: [ContentDigestField],
        open: @escaping @Sendable () throws -> OpenFile
    ) throws {
        (self.layout, self.parts, self.known, self.demanded, self.open) = (layout, parts, known, demanded, open)
        let whole = try demanded.first.map { try IncrementalDigest($0.function) }
        state = Mutex(
            State(
                part: parts.lowerBound,
                offset: layout.range(of: parts).lowerBound,
                partDigest: try IncrementalDigest(.sha256),
                wholeDigest: whole
            )
        )
    }

    /// Takes more bytes: 413 when there are more than the parts have.
    func write(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            var rest = bytes[...]
            while !rest.isEmpty {
                guard state.part < parts.upperBound else { throw tooMany }
                let room = layout.range(of: state.part).upperBound - state.offset
                guard room > 0 else { throw tooMany }
                let piece = Array(rest.prefix(Int(min(room, Int64(rest.count)))))
                rest = rest.dropFirst(piece.count)
                try take(piece, &state)
            }
        }
    }

    private var tooMany: Problem { Problem(.payloadTooLarge, "\(layout.range(of: parts).count) bytes are announced") }

    private func take(_ piece: [UInt8], _ state: inout State) throws {
        state.partDigest.update(piece)
        state.wholeDigest?.update(piece)
        if known[state.part] == nil {
            if state.file == nil { state.file = try open() }
            try state.file?.write(piece, at: state.offset)
        }
        state.offset += Int64(piece.count)
        if state.offset == layout.range(of: state.part).upperBound { try endPart(&state) }
    }

    private func endPart(_ state: inout State) throws {
        let digest = ContentDigest(bytes: state.partDigest.finish())
        if let known = known[state.part] {
            if known != digest { state.differs = true }
        } else {
            try state.file?.synchronize()
            state.new[state.part] = digest
        }
        state.part += 1
    }

    /// The parts that are new, which are durable now. 422 when bytes are missing, 400 when they have not the digest they
    /// should have, 409 when a part that was there is another.
    func finish() throws -> [Int: ContentDigest] {
        try state.withLock { state in
            if layout.size == 0, state.part == 0 {
                // Without bytes there is nothing to write, but a file.
                if known.isEmpty { state.file = try open() }
                try endPart(&state)
            }
            let range = layout.range(of: parts)
            guard state.part == parts.upperBound else {
                throw Problem.invalid("Content-Length", "\(range.count) bytes are announced")
            }
            if let whole = state.wholeDigest?.finish() {
                for demand in demanded where !constantTimeEqual(demand.digest, whole) {
                    throw Problem(.digestMismatch)
                }
            }
            guard !state.differs else { throw Problem(.partDiffers) }
            return state.new
        }
    }

    /// Gives back the room of what was written. A file system without holes keeps it until the part comes again, or the batch ends.
    func discard() throws {
        try state.withLock { state in
            guard let file = state.file else { return }
            for part in parts where known[part] == nil {
                let range = layout.range(of: part)
                let end = min(range.upperBound, state.offset)
                if end > range.lowerBound { try file.discard(range.lowerBound..<end) }
            }
        }
    }
}
