import KafkaProtocol
import Synchronization
import System
import Telemetry

/// What one round of the commit path stores of a partition.
struct CommitWork: Sendable {
    /// Consecutive batches that go to one segment.
    struct Run: Sendable {
        let segment: Int64
        let position: Int
        let batches: ArraySlice<LogTail.Batch>
        /// Its files have to be made.
        let isNew: Bool
        /// Index entries that the files lack; written when the segment is closed or enough have gathered.
        let index: IndexPart?
    }

    /// A stretch of both indexes of a segment.
    struct IndexPart: Sendable {
        let index: SegmentIndex
        let storedOffsets: Int
        let storedTimes: Int
    }

    var runs: [Run] = []
    var bytes = 0
    /// Where the log stands when the round is done.
    let mark: PartitionState.Mark
    /// The epochs' file, when it has to be written anew.
    var epochs: [UInt8]?
    /// The producers at `mark.offset`, when they are due, and the snapshots that go then.
    var producers: ProducerSnapshot?
    var oldSnapshots: [Int64] = []
}

/// The commit thread's side of a partition: take, write, then finish or give up. Only that thread writes segment files.
extension PartitionLog {
    /// Small batches are put together into writes of up to this size.
    static let writeSize = 256 << 10

    func takePending() -> CommitWork? {
        let backlog = context.backlog.limit
        return state.withLock { state in
            state.isSubmitted = false
            guard state.failure == nil, state.tail.hasPending else { return nil }
            var work = CommitWork(mark: state.mark)
            var pending = state.tail.takePending()
            while let first = pending.first {
                let end = pending.firstIndex { $0.segment != first.segment } ?? pending.endIndex
                work.runs.append(state.run(pending[..<end], closes: end < pending.endIndex, backlog: backlog))
                work.bytes += pending[..<end].reduce(0) { $0 + $1.bytes.count }
                pending = pending[end...]
            }
            if state.epochsChanged { work.epochs = state.epochs.encoded }
            // A snapshot is not written more often than it is large.
            let snapshot = state.producerSnapshot
            if state.bytesSinceSnapshot >= max(backlog, snapshot.estimatedSize) || work.runs.count > 1 {
                work.producers = snapshot
                work.oldSnapshots = state.snapshots.filter { $0 != state.nextOffset }.dropLast()
                state.noteSnapshot()
            }
            return work
        }
    }

    /// Writes the round's batches and returns what is to be synced. Blocks.
    func write(_ work: CommitWork) throws(SystemError) -> SegmentChanges {
        var changes = SegmentChanges()
        for run in work.runs {
            let path = path(run.segment, SegmentName.log)
            if run.isNew {
                try createFiles(run.segment)
                changes.directories.insert(directory)
            }
            let file = try context.files.file(path)
            try Self.write(run.batches, to: file, at: run.position)
            changes.files.insert(path)
            if let part = run.index { try store(part) }
        }
        if let epochs = work.epochs {
            try context.fileSystem.replace(LeaderEpochs.fileName, in: directory, with: epochs)
        }
        if let producers = work.producers {
            try storeProducers(producers.encoded, at: work.mark.offset, removing: work.oldSnapshots)
        }
        return changes
    }

    /// The round is on disk: readers may see it.
    func finish(_ work: CommitWork) {
        let (waiters, end) = state.withLock { state in
            for run in work.runs {
                guard let index = state.segments.firstIndex(where: { $0.baseOffset == run.segment }) else { continue }
                state.segments[index].exists = true
                if let part = run.index {
                    state.segments[index].storedOffsets = part.index.offsets.count
                    state.segments[index].storedTimes = part.index.times.count
                }
                if index < state.segments.count - 1, run.segment != work.runs.last?.segment {
                    state.segments[index].index = nil
                }
            }
            if work.epochs != nil { state.epochsChanged = false }
            return (state.advance(to: work.mark.offset, mark: state.current(work.mark)), state.durableEnd)
        }
        for waiter in waiters { waiter.body(.success(end)) }
    }

    /// The disk is full: the log goes back to its durable end, in memory and on disk.
    func giveUp(_ work: CommitWork) throws(LogError) {
        let (waiters, kept) = state.withLock { state in
            let waiters = state.rollBack()
            return (waiters, Dictionary(uniqueKeysWithValues: state.segments.map { ($0.baseOffset, $0.size) }))
        }
        do throws(SystemError) {
            for run in work.runs {
                let log = path(run.segment, SegmentName.log)
                if !run.isNew, let size = kept[run.segment] {
                    let file = try context.files.file(log)
                    try file.truncate(to: size)
                    // Refused bytes must not come back behind others that take their place.
                    try file.synchronize()
                } else {
                    try removeFiles(run.segment)
                }
            }
        } catch {
            for waiter in waiters { waiter.body(.failure(.storageFailed(error))) }
            throw .storageFailed(error)
        }
        context.logger.error(
            "disk full: append refused",
            metadata: ["topic": .string(topic), "partition": .string(String(index))]
        )
        for waiter in waiters { waiter.body(.failure(.storageFull)) }
    }

    func removeFiles(_ segment: Int64, revision: Int = 0) throws(SystemError) {
        for suffix in [SegmentName.log, SegmentName.offsetIndex, SegmentName.timeIndex] {
            let name = path(segment, suffix)
            context.files.forget(name, revision: revision)
            if revision > 0 { context.files.forget(name) }
            try context.fileSystem.remove(name)
        }
    }

    private func createFiles(_ segment: Int64) throws(SystemError) {
        let folder = PartitionDirectory(directory, context.fileSystem)
        if try folder.topicID() == nil {
            // In this order: where the file is, the directory is durable.
            try context.fileSystem.createDirectory(directory)
            try context.fileSystem.synchronizeDirectory(Self.parent(of: directory))
            try folder.mark(topicID)
        }
        let log = path(segment, SegmentName.log)
        try context.files.file(log, creating: true).truncate(to: 0)
        for suffix in [SegmentName.offsetIndex, SegmentName.timeIndex] {
            try context.fileSystem.open(path(segment, suffix), creating: true).truncate(to: 0)
        }
    }

    private static func write(
        _ batches: ArraySlice<LogTail.Batch>,
        to file: any LogFile,
        at start: Int
    ) throws(SystemError) {
        var position = start
        var gathered: [UInt8] = []
        for (index, batch) in zip(batches.indices, batches) {
            let isLast = index == batches.endIndex - 1
            if gathered.isEmpty && (isLast || batch.bytes.count >= writeSize) {
                try file.write(batch.bytes, at: position)
                position += batch.bytes.count
                continue
            }
            gathered += batch.bytes
            if isLast || gathered.count >= writeSize {
                try file.write(gathered, at: position)
                position += gathered.count
                gathered.removeAll(keepingCapacity: true)
            }
        }
    }

    func store(_ part: CommitWork.IndexPart) throws(SystemError) {
        let base = part.index.baseOffset
        let offsets = try context.fileSystem.open(path(base, SegmentName.offsetIndex), creating: true)
        if part.storedOffsets == 0 { try offsets.truncate(to: 0) }
        try offsets.write(
            part.index.encodedOffsets(from: part.storedOffsets),
            at: part.storedOffsets * SegmentIndex.offsetEntrySize
        )
        let times = try context.fileSystem.open(path(base, SegmentName.timeIndex), creating: true)
        if part.storedTimes == 0 { try times.truncate(to: 0) }
        try times.write(
            part.index.encodedTimes(from: part.storedTimes),
            at: part.storedTimes * SegmentIndex.timeEntrySize
        )
    }

    /// Writes a snapshot; it and the one before stay.
    func storeProducers(_ snapshot: [UInt8], at offset: Int64, removing old: [Int64]) throws(SystemError) {
        let name = SegmentName.file(offset, SegmentName.producers)
        let file = try context.fileSystem.open("\(directory)/\(name).tmp", creating: true)
        try file.truncate(to: 0)
        try file.write(snapshot, at: 0)
        try context.fileSystem.rename("\(directory)/\(name).tmp", to: "\(directory)/\(name)")
        for old in old { try context.fileSystem.remove(path(old, SegmentName.producers)) }
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}

extension PartitionState {
    fileprivate func run(_ batches: ArraySlice<LogTail.Batch>, closes: Bool, backlog: Int) -> CommitWork.Run {
        let base = batches[batches.startIndex].segment
        let segment = segments[segmentIndex(for: base)]
        let index = segment.index ?? SegmentIndex(baseOffset: base)
        let stored = index.offsets.prefix(segment.storedOffsets).last?.position ?? 0
        let isDue = (index.offsets.last?.position ?? 0) - stored >= backlog
        let part = CommitWork.IndexPart(
            index: index,
            storedOffsets: segment.storedOffsets,
            storedTimes: segment.storedTimes
        )
        return CommitWork.Run(
            segment: base,
            position: batches[batches.startIndex].position,
            batches: batches,
            isNew: !segment.exists,
            index: closes || isDue ? part : nil
        )
    }

    /// A mark taken before the round, with what the round has changed on disk since.
    fileprivate func current(_ mark: Mark) -> Mark {
        guard let segment = segments.last(where: { $0.baseOffset == mark.active.baseOffset }) else { return mark }
        return Mark(offset: mark.offset, active: mark.active.withStored(from: segment), aborted: mark.aborted)
    }
}
