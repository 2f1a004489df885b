import Synchronization
import System
import Telemetry

/// A preallocated file that is overwritten in a ring and makes rounds durable before their segments are: one write and
/// one sync a round, however many partitions it has. `RingFormat` has the bytes.
///
/// Overwriting blocks that were really written changes no metadata, so that `fdatasync` waits for the disk alone and
/// not for the file system's journal. The segments are written through the page cache and synced before their part of
/// the ring is used again. Rounds above a size sync their segments at once and leave a marker.
///
/// `store` is for the commit thread; `flush` may be called on any. Both block.
final class WriteAheadRing: Sendable {
    static let fileName = "ring"
    static let smallestSize = 16 * RingFormat.blockSize
    /// A marker has to fit.
    private static let smallestRound = RingFormat.blockSize

    /// Counts bytes from the ring's first round on, without going around.
    private struct State {
        var sequence: Int64 = 1
        var written = 0
        /// Replay needs nothing before.
        var released = 0
        var unsynced = SegmentChanges()
        var isFlushing = false
        var failure: SystemError?
    }

    private let state = Mutex(State())
    private let flushing = Mutex<Void>(())
    private let file: any LogFile
    /// A descriptor of its own: a failed write-back is told once to each, and both have to hear of it.
    private let startFile: any LogFile
    private let capacity: Int
    /// Larger rounds go past the ring: writing their bytes twice costs more than the journal.
    private let roundLimit: Int
    private let generation: Int64
    private let pool: SyncPool
    private let flusher: WorkQueue

    /// Makes or takes over the file; what it held must be in synced segments. Blocks.
    init(directory: String, size: Int, largestRound: Int, fileSystem: any FileSystem, pool: SyncPool) throws {
        let size = max(Self.smallestSize, RingFormat.padded(size))
        let path = "\(directory)/\(Self.fileName)"
        generation = Int64.random(in: 1...Int64.max)
        let isThere = try fileSystem.size(of: path) == size
        if !isThere {
            let start = RingStart(generation: generation, sequence: 1, position: RingFormat.firstRound)
            try Self.create(in: directory, size: size, start: start, fileSystem: fileSystem)
        }
        file = try fileSystem.open(path, creating: false)
        startFile = try fileSystem.open(path, creating: false)
        capacity = size - RingFormat.firstRound
        roundLimit = max(Self.smallestRound, min(largestRound, capacity / 4))
        self.pool = pool
        flusher = try WorkQueue(name: "log-ring", threads: 1)
        if isThere { try writeStart(sequence: 1, position: RingFormat.firstRound) }
    }

    /// Zeros, really written: blocks that are only reserved change metadata at their first write.
    private static func create(
        in directory: String,
        size: Int,
        start: RingStart,
        fileSystem: any FileSystem
    ) throws(SystemError) {
        let temporary = "\(directory)/\(fileName).tmp"
        let file = try fileSystem.open(temporary, creating: true)
        try file.truncate(to: 0)
        let zeros = [UInt8](repeating: 0, count: min(size, 1 << 20))
        for position in stride(from: 0, to: size, by: zeros.count) {
            try file.write(size - position < zeros.count ? Array(zeros.prefix(size - position)) : zeros, at: position)
        }
        for copy in 0..<2 { try file.write(start.encoded, at: copy * RingFormat.blockSize) }
        try file.synchronize()
        try fileSystem.rename(temporary, to: "\(directory)/\(fileName)")
        try fileSystem.synchronizeDirectory(directory)
    }

    /// Removes the file where no ring is wanted: nobody may replay it later.
    static func remove(from directory: String, fileSystem: any FileSystem) throws(SystemError) {
        guard try fileSystem.names(in: directory).contains(fileName) else { return }
        try fileSystem.remove("\(directory)/\(fileName)")
        try fileSystem.synchronizeDirectory(directory)
    }

    /// Makes durable what was written to segments: on return a crash leaves it.
    func store(_ round: [(log: PartitionLog, work: CommitWork)], _ changes: SegmentChanges) throws(SystemError) {
        let frames = round.flatMap { $0.work.frames(of: $0.log) }
        let size = frames.reduce(RingFormat.roundOverhead) { $0 + RingFormat.frameOverhead + $1.length }
        if size <= roundLimit { return try append(frames, changes) }
        try flushing.withLock { _ throws(SystemError) in
            var changes = changes
            // A segment that an earlier round has made is found only by its name.
            state.withLock { changes.directories.formUnion($0.unsynced.directories) }
            try pool.synchronize(changes)
            // With what earlier rounds have written there.
            state.withLock { $0.unsynced.subtract(changes) }
        }
        var markers = round.map { $0.work.marker(of: $0.log) }[...]
        while !markers.isEmpty {
            let count = (roundLimit - RingFormat.roundOverhead) / RingFormat.frameOverhead
            // The next sync takes it along. Should it be lost, what it stands for is found by reading.
            try append(Array(markers.prefix(count)), SegmentChanges(), synchronizes: false)
            markers = markers.dropFirst(count)
        }
    }

    private func append(
        _ frames: [RingFrame],
        _ changes: SegmentChanges,
        synchronizes: Bool = true
    ) throws(SystemError) {
        let sequence = state.withLock { $0.sequence }
        let bytes = RingRound(generation: generation, sequence: sequence, frames: frames).encoded
        var start = place(for: bytes.count)
        while start == nil {
            // Full: the round waits until segments are synced.
            try flush()
            start = place(for: bytes.count)
        }
        guard let start else { return }
        try file.write(bytes, at: RingFormat.firstRound + start % capacity)
        if synchronizes { try file.synchronize() }
        let isFlushDue = try state.withLock { state throws(SystemError) in
            if let failure = state.failure { throw failure }
            state.sequence += 1
            state.written = start + bytes.count
            state.unsynced.formUnion(changes)
            guard !state.isFlushing, state.written - state.released > capacity / 2 else { return false }
            state.isFlushing = true
            return true
        }
        // A failed flush fails the next round; a stopped queue is flushed by who stopped it.
        if isFlushDue { _ = flusher.submit { [self] in try? flush() } }
    }

    /// Where a round of `length` bytes goes: in one piece, so it may leave the end of the file unused.
    private func place(for length: Int) -> Int? {
        state.withLock { state in
            let rest = capacity - state.written % capacity
            let start = rest < length ? state.written + rest : state.written
            return start + length - state.released <= capacity ? start : nil
        }
    }

    /// Syncs the segments of all rounds so far and frees their part of the ring: replay will not touch them any more.
    func flush() throws(SystemError) {
        try flushing.withLock { _ throws(SystemError) in
            let (changes, sequence, written, isDue) = try state.withLock { state throws(SystemError) in
                if let failure = state.failure { throw failure }
                defer { state.unsynced = SegmentChanges() }
                return (state.unsynced, state.sequence, state.written, state.written > state.released)
            }
            do throws(SystemError) {
                try pool.synchronize(changes)
                if isDue { try writeStart(sequence: sequence, position: RingFormat.firstRound + written % capacity) }
            } catch {
                state.withLock { $0.failure = error }
                throw error
            }
            state.withLock { state in
                state.released = written
                state.isFlushing = false
            }
        }
    }

    /// Ends the thread.
    func stop() { flusher.stop() }

    private func writeStart(sequence: Int64, position: Int) throws(SystemError) {
        let start = RingStart(generation: generation, sequence: sequence, position: position).encoded
        for copy in 0..<2 {
            try startFile.write(start, at: copy * RingFormat.blockSize)
            try startFile.synchronize()
        }
    }
}

extension CommitWork {
    /// What the ring holds of it.
    fileprivate func frames(of log: PartitionLog) -> [RingFrame] {
        runs.map { run in
            RingFrame(
                topic: log.topicID,
                partition: log.index,
                baseOffset: run.batches.first?.baseOffset ?? mark.offset,
                endOffset: (run.batches.last?.lastOffset ?? mark.offset - 1) + 1,
                segment: run.segment,
                position: run.position,
                records: run.batches.map { $0.bytes[...] }
            )
        }
    }

    /// What the ring holds of it when its segments are synced.
    fileprivate func marker(of log: PartitionLog) -> RingFrame {
        RingFrame(
            topic: log.topicID,
            partition: log.index,
            baseOffset: runs.first?.batches.first?.baseOffset ?? mark.offset,
            endOffset: mark.offset,
            segment: runs.last?.segment ?? mark.active.baseOffset,
            position: 0,
            records: []
        )
    }
}
