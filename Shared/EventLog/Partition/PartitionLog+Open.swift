import Synchronization
import System
import Telemetry

/// Opening and closing. A log is closed until it is used for the first time, and again when it is idle and many others
/// are open: then it has no files, no indexes and no producers in memory, but keeps its offsets and those who wait for it.
extension PartitionLog {
    /// Whether appends and look-ups find everything in memory.
    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Whether `bounds` and `whenDurable` need nothing from disk: the log was open before, or the store stopped cleanly.
    public var isKnown: Bool { state.withLock { $0.isKnown } }

    /// Opens the log when it is not: reads its directory and its newest side files and, after a crash, the batches behind the
    /// last durable mark. Blocks. Errors: readFailed, logged too; the one that ended the log.
    public func open() throws(LogError) {
        try opening.withLock { _ throws(LogError) in
            let closed = state.withLock { $0.isOpen ? nil : $0 }
            guard let closed else { return }
            if let failure = closed.failure { throw failure }
            let recovery = LogRecovery(topicID: topicID, directory: directory, name: name, closed, context: context)
            let found: PartitionState
            do throws(SystemError) {
                found = try recovery.open()
            } catch {
                context.logger.critical("a log cannot be opened: \(error)", metadata: ["log": .string(name)])
                throw .readFailed(error)
            }
            context.openLogs.add(1)
            let now = context.clock.now.milliseconds
            let (waiters, end) = state.withLock { ($0.open(found, now: now), $0.durableEnd) }
            for waiter in waiters { waiter.body(.success(end)) }
        }
    }

    /// Opens the log for as long as the store is open: for who appends where nothing may block. Errors as for `open`.
    public func keepOpen() throws(LogError) {
        try opened { $0.isKept = true }
    }

    /// Runs `body` on the state of the log, which is opened first when it is not: then it blocks.
    func opened<Result: Sendable>(
        _ body: (inout PartitionState) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        while true {
            let result: Result? = try state.withLock { state throws(LogError) in
                state.isOpen ? try body(&state) : nil
            }
            if let result { return result }
            try open()
        }
    }

    /// Bytes of all segments. Blocks, but opens nothing. Errors: readFailed.
    public func size() throws(LogError) -> Int {
        let known = state.withLock { $0.isOpen ? $0.size : $0.rest.ending == .clean ? $0.rest.size : nil }
        if let known { return known }
        do throws(SystemError) {
            var size = 0
            for file in try PartitionDirectory(directory, context.fileSystem).names() {
                guard SegmentName.offset(file, SegmentName.log) != nil else { continue }
                size += try context.fileSystem.size(of: "\(directory)/\(file)") ?? 0
            }
            return size
        } catch {
            throw .readFailed(error)
        }
    }

    /// Bytes of all segments; of a log that was not opened since a crash those that were last noted. Never blocks.
    public var lastSize: Int { state.withLock { $0.isOpen ? $0.size : $0.rest.size ?? 0 } }

    /// The offsets that bound the log; of one that was not opened since a crash those that were last noted. Never blocks.
    public var lastBounds: Bounds { state.withLock(\.bounds) }

    /// Closes the log unless it was used after `time` or is in use; whether it was closed. On the job thread: nothing else
    /// may change its segments. Blocks.
    func closeIfUnused(since time: Int64, now: Int64) -> Bool {
        guard var settled = state.withLock({ $0.isIdle(since: time) ? $0 : nil }) else { return false }
        do throws(SystemError) {
            // On a copy, so that nobody waits for the disk: who comes meanwhile goes on behind what is written here.
            try settle(&settled, now: now)
        } catch {
            context.logger.warning("an idle log stays open: \(error)", metadata: ["log": .string(name)])
            return false
        }
        let segments = state.withLock { [settled] in $0.close(settled, unlessUsedSince: time) }
        guard let segments else { return false }
        context.openLogs.add(-1)
        forget(segments)
        return true
    }

    /// Writes what the next opening reads instead of batches, and notes when upkeep has to look at the log again.
    func settle(_ state: inout PartitionState, now: Int64) throws(SystemError) {
        if state.isUnsettled, state.active.exists {
            state.active.finishIndex()
            if let index = state.active.index {
                let (offsets, times) = (state.active.storedOffsets, state.active.storedTimes)
                try store(CommitWork.IndexPart(index: index, storedOffsets: offsets, storedTimes: times))
                state.active.storedOffsets = index.offsets.count
                state.active.storedTimes = index.times.count
            }
            let old = state.snapshots.filter { $0 != state.nextOffset }.dropLast()
            try storeProducers(state.producerSnapshot.encoded, at: state.nextOffset, removing: Array(old))
            state.noteSnapshot()
            if state.epochsChanged {
                try context.fileSystem.replace(LeaderEpochs.fileName, in: directory, with: state.epochs.encoded)
                state.epochsChanged = false
            }
        }
        state.isUnsettled = false
        state.rest.upkeepDue = try nextUpkeep(state, now: now)
    }

    /// Lets go of open files.
    func forget(_ segments: [Segment]) {
        for segment in segments {
            context.files.forget("\(directory)/\(segment.fileName)", revision: segment.revision)
            if segment.revision > 0 { context.files.forget(path(segment.baseOffset, SegmentName.log)) }
        }
    }

    /// `topic-0`: its directory's name, and what it is called in messages.
    var name: String { "\(topic)-\(index)" }

    var directory: String { "\(context.directory)/\(name)" }
}

extension PartitionState {
    /// What is known of a log while it is closed.
    struct Rest: Sendable {
        /// How the store ended before, or that it was this process that closed the log.
        enum Ending: Sendable {
            /// Nothing lies behind the durable end, and side files are whole.
            case clean
            /// Batches may lie behind the durable end.
            case crash
            /// No mark is left of how far the log was durable.
            case unmarked
        }

        var ending = Ending.clean
        /// Its offsets are right.
        var isKnown = true
        /// This process had it open: its aborted transactions are known.
        var wasOpen = true
        /// Bytes of its segments; nil when they have to be asked for.
        var size: Int?
        /// Until this time, in milliseconds since 1970, upkeep has nothing to do.
        var upkeepDue = Int64.min
    }

    /// A log that was not opened yet; no checkpoint: none is left.
    init(closed configuration: TopicConfiguration, _ checkpoint: Checkpoint.Entry?, isClean: Bool) {
        let entry = checkpoint ?? Checkpoint.Entry(durableEnd: 0, logStart: 0)
        let end = max(entry.durableEnd, entry.logStart)
        self.init(
            configuration: configuration,
            segments: [Segment(baseOffset: end)],
            logStart: entry.logStart,
            nextOffset: end
        )
        segments = []
        cleanedEnd = entry.cleanedEnd
        rest = Rest(
            ending: checkpoint == nil ? .unmarked : isClean ? .clean : .crash,
            isKnown: isClean && !entry.hasOpenTransaction,
            wasOpen: false,
            size: entry.size,
            upkeepDue: entry.upkeepDue
        )
    }

    var isOpen: Bool { !segments.isEmpty }

    var isKnown: Bool { isOpen || rest.isKnown }

    var size: Int { segments.reduce(0) { $0 + $1.size } }

    var bounds: PartitionLog.Bounds {
        .init(start: logStart, durableEnd: durableEnd, stableEnd: stableEnd, end: nextOffset)
    }

    /// What the checkpoint says of it; nil when none is left.
    var checkpointEntry: Checkpoint.Entry? {
        if !isOpen, rest.ending == .unmarked { return nil }
        return Checkpoint.Entry(
            durableEnd: durableEnd,
            logStart: logStart,
            cleanedEnd: cleanedEnd,
            isClean: isOpen ? !isUnsettled : rest.ending == .clean,
            hasOpenTransaction: isOpen ? producers.firstOpenTransaction != nil : !rest.isKnown,
            size: isOpen ? size : rest.size,
            upkeepDue: isOpen && isUnsettled ? .min : rest.upkeepDue
        )
    }

    /// Whether it could be closed: nobody has used it after `time`, and nothing is to be written, marked or compacted.
    func isIdle(since time: Int64) -> Bool {
        isOpen && lastUse <= time && durableEnd == nextOffset && !tail.hasPending && !isSubmitted && failure == nil
            && !isCompacted && !isKept && producers.firstOpenTransaction == nil
    }

    /// Takes over what was found on disk; those who wait for something that was there already.
    fileprivate mutating func open(_ found: PartitionState, now: Int64) -> [Waiter] {
        let closed = self
        self = found
        configuration = closed.configuration
        logStart = max(found.logStart, closed.logStart)
        (waiters, nextWaiter, rollbacks) = (closed.waiters, closed.nextWaiter, closed.rollbacks)
        (failure, isUncleanable, isSubmitted) = (closed.failure, closed.isUncleanable, closed.isSubmitted)
        swaps = closed.swaps
        if swaps > 0 {
            // A reader from before may still have opened a file that compaction has replaced, under its old number.
            swaps += 1
            for index in segments.indices.dropLast() { segments[index].revision = swaps }
        }
        lastUse = now
        rest = Rest()
        return advance(to: durableEnd, mark: durableMark)
    }

    /// Forgets all that the disk has, as it was settled; the segments that there were. Nil when somebody came meanwhile.
    fileprivate mutating func close(_ settled: PartitionState, unlessUsedSince time: Int64) -> [Segment]? {
        guard isIdle(since: time), nextOffset == settled.nextOffset else {
            snapshots = Set(snapshots + settled.snapshots).sorted()
            return nil
        }
        defer {
            rest.size = size
            rest.upkeepDue = settled.rest.upkeepDue
            isUnsettled = false
            epochsChanged = false
            segments = []
            tail = LogTail()
            producers = ProducerTable()
            epochs = LeaderEpochs()
            snapshots = []
        }
        return segments
    }

    /// There is a snapshot of the producers as they are now.
    mutating func noteSnapshot() {
        snapshots = snapshots.filter { $0 != nextOffset }.suffix(1) + [nextOffset]
        bytesSinceSnapshot = 0
    }
}

/// Counts the logs of a store that are open. Any thread.
final class OpenLogs: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    func add(_ change: Int) { number.add(change, ordering: .relaxed) }
}
