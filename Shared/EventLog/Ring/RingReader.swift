import KafkaProtocol
import System

/// Reads a ring's rounds in the order in which they were written, from the start on.
struct RingReader {
    /// Bytes read at a time in search of rounds behind a damaged one.
    private static let windowSize = 256 << 10

    private let file: any LogFile
    private let size: Int
    let generation: Int64
    private(set) var sequence: Int64
    private(set) var position: Int
    /// Rounds that were acknowledged and cannot be read any more.
    private(set) var lostRounds: Int64 = 0

    /// Nil when both copies of the start are damaged.
    init?(_ file: any LogFile) throws(SystemError) {
        self.file = file
        size = try file.size()
        let blocks = try file.read(at: 0, count: RingFormat.firstRound)
        // The first copy is written first: where it is sound, it is the newer one.
        guard
            let start = RingStart(blocks.prefix(RingFormat.blockSize))
                ?? RingStart(blocks.dropFirst(RingFormat.blockSize))
        else { return nil }
        generation = start.generation
        sequence = start.sequence
        position = start.position
    }

    /// The next round; nil at the end.
    mutating func next() throws(SystemError) -> RingRound? {
        for candidate in [position, RingFormat.firstRound] {
            if let round = try round(at: candidate, sequence: sequence) { return round }
        }
        // A round is written when the one before is durable: one that is there says that those before were.
        for found in try later() {
            let missing = found.sequence - sequence
            guard let round = try round(at: found.position, sequence: found.sequence) else { continue }
            lostRounds += missing
            return round
        }
        return nil
    }

    private mutating func round(at position: Int, sequence: Int64) throws(SystemError) -> RingRound? {
        guard let length = Self.length(try file.read(at: position, count: ChecksummedFile.headerSize)[...]),
            length <= size - position, let round = RingRound(try file.read(at: position, count: length)),
            round.generation == generation, round.sequence == sequence
        else { return nil }
        self.position = position + RingFormat.padded(length)
        self.sequence = sequence + 1
        return round
    }

    /// What looks like a later round of this generation, the oldest first.
    private func later() throws(SystemError) -> [(sequence: Int64, position: Int)] {
        var found: [(sequence: Int64, position: Int)] = []
        for start in stride(from: RingFormat.firstRound, to: size, by: Self.windowSize) {
            let window = try file.read(at: start, count: Self.windowSize)
            for block in stride(from: 0, to: window.count, by: RingFormat.blockSize) {
                let bytes = window[block...].prefix(RingFormat.roundOverhead)
                guard bytes.count == RingFormat.roundOverhead, Self.length(bytes) != nil else { continue }
                var reader = WireReader(Array(bytes.dropFirst(ChecksummedFile.headerSize)))
                guard let generation = try? reader.int64(), let sequence = try? reader.int64(),
                    generation == self.generation, sequence > self.sequence
                else { continue }
                found.append((sequence, start + block))
            }
        }
        return found.sorted { $0.sequence < $1.sequence }
    }

    /// The size of the round that a header announces.
    private static func length(_ header: ArraySlice<UInt8>) -> Int? {
        ChecksummedFile.bodyLength(header, kind: .ringRound).map { $0 + ChecksummedFile.headerSize }
    }
}
