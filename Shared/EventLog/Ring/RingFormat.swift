import KafkaProtocol
import System

/// The write-ahead ring's bytes: the file `ring`, in blocks of 4096 bytes.
///
/// ```
///   block 0   start          where replay begins; written and synced first
///   block 1   start          the same again, then: a torn or rotten one leaves the other
///   block 2   round | zeros to the end of the block | round | ...     around and around
/// ```
/// Both are bodies behind `ChecksummedFile`'s header, so each has its length and CRC-32C.
/// ```
///   start:  generation i64 | sequence i64 | position i64
///   round:  generation i64 | sequence i64 | count i32 | count x frame
///   frame:  topic id 16 bytes | partition i32 | base offset i64 | end offset i64 | segment i64 | position i32
///           | length i32 | length bytes: record batches
/// ```
/// A round begins a block of its own, so that a torn write of it touches nothing acknowledged. The next round follows
/// in the block after, or in block 2 when it did not fit before the end of the file. Replay goes on while generation
/// and sequence are the expected ones: a round of an older lap is sound and has a lower sequence. The generation is
/// drawn at each start and never told: no record can imitate a round.
///
/// A frame of length 0 is the marker of a round that went past the ring: the segment holds, synced, what lies before
/// `end offset`.
enum RingFormat {
    static let blockSize = 4096
    /// Position of the first round.
    static let firstRound = 2 * blockSize
    static let startSize = ChecksummedFile.headerSize + 24
    /// Bytes of a round and of a frame without the records.
    static let roundOverhead = ChecksummedFile.headerSize + 20
    static let frameOverhead = 52

    static func padded(_ size: Int) -> Int { (size + blockSize - 1) / blockSize * blockSize }
}

/// Where replay begins: what lies before is in synced segments.
struct RingStart: Sendable, Equatable {
    let generation: Int64
    let sequence: Int64
    let position: Int

    init(generation: Int64, sequence: Int64, position: Int) {
        self.generation = generation
        self.sequence = sequence
        self.position = position
    }

    /// One block.
    var encoded: [UInt8] {
        var writer = WireWriter()
        writer.int64(generation)
        writer.int64(sequence)
        writer.int64(Int64(position))
        let bytes = ChecksummedFile.encode(writer.bytes, kind: .ringStart)
        return bytes + Array(repeating: 0, count: RingFormat.blockSize - bytes.count)
    }

    /// Nil when the block is damaged.
    init?(_ block: ArraySlice<UInt8>) {
        guard let body = ChecksummedFile.decode(Array(block.prefix(RingFormat.startSize)), kind: .ringStart) else {
            return nil
        }
        var reader = WireReader(body)
        guard let generation = try? reader.int64(), let sequence = try? reader.int64(),
            let position = try? reader.int64(), position >= RingFormat.firstRound, position < Int64(Int32.max)
        else { return nil }
        self.init(generation: generation, sequence: sequence, position: Int(position))
    }
}

/// What a round stores of one segment.
struct RingFrame: Sendable, Equatable {
    let topic: Identifier
    let partition: Int32
    let baseOffset: Int64
    /// The offset after the last record.
    let endOffset: Int64
    let segment: Int64
    let position: Int
    /// Whole batches, in pieces; none in a marker.
    let records: [ArraySlice<UInt8>]

    var length: Int { records.reduce(0) { $0 + $1.count } }

    fileprivate func write(to writer: inout WireWriter) {
        writer.raw(topic.bytes)
        writer.int32(partition)
        writer.int64(baseOffset)
        writer.int64(endOffset)
        writer.int64(segment)
        writer.int32(Int32(truncatingIfNeeded: position))
        writer.int32(Int32(truncatingIfNeeded: length))
        for piece in records { writer.raw(piece) }
    }

    fileprivate init(from reader: inout WireReader) throws(WireError) {
        guard let topic = Identifier(bytes: try reader.slice(16)) else { throw .invalidLength }
        self.topic = topic
        partition = try reader.int32()
        baseOffset = try reader.int64()
        endOffset = try reader.int64()
        segment = try reader.int64()
        position = Int(try reader.int32())
        let length = Int(try reader.int32())
        guard position >= 0, length >= 0 else { throw .invalidLength }
        records = length == 0 ? [] : [try reader.slice(length)]
    }

    init(
        topic: Identifier,
        partition: Int32,
        baseOffset: Int64,
        endOffset: Int64,
        segment: Int64,
        position: Int,
        records: [ArraySlice<UInt8>]
    ) {
        self.topic = topic
        self.partition = partition
        self.baseOffset = baseOffset
        self.endOffset = endOffset
        self.segment = segment
        self.position = position
        self.records = records
    }
}

/// What one write and one sync made durable.
struct RingRound: Sendable, Equatable {
    let generation: Int64
    let sequence: Int64
    let frames: [RingFrame]

    init(generation: Int64, sequence: Int64, frames: [RingFrame]) {
        self.generation = generation
        self.sequence = sequence
        self.frames = frames
    }

    /// Whole blocks.
    var encoded: [UInt8] {
        let size = frames.reduce(RingFormat.roundOverhead) { $0 + RingFormat.frameOverhead + $1.length }
        // Where they stay: a round's bytes are copied once.
        return ChecksummedFile.encode(kind: .ringRound, paddedTo: RingFormat.padded(size)) { writer in
            writer.int64(generation)
            writer.int64(sequence)
            writer.int32(Int32(truncatingIfNeeded: frames.count))
            for frame in frames { frame.write(to: &writer) }
        }
    }

    /// Reads a round without its padding; nil when it is damaged.
    init?(_ bytes: [UInt8]) {
        guard let body = ChecksummedFile.decode(bytes, kind: .ringRound) else { return nil }
        var reader = WireReader(body)
        do throws(WireError) {
            generation = try reader.int64()
            sequence = try reader.int64()
            var frames: [RingFrame] = []
            for _ in 0..<(try reader.count()) { frames.append(try RingFrame(from: &reader)) }
            self.frames = frames
        } catch {
            return nil
        }
    }
}
