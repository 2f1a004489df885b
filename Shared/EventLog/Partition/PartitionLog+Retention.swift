import Synchronization
import System

/// Deleting from the front, and the end of a clean stop.
extension PartitionLog {
    /// A segment as retention sees it: the offsets it holds.
    struct Extent {
        let base: Int64
        let end: Int64
        let size: Int
    }

    /// Moves the start of the log; nothing before it can be read from here on.
    func raiseStart(to offset: Int64) throws(LogError) -> Int64 {
        try opened { state throws(LogError) in
            let target = offset == -1 ? state.durableEnd : offset
            guard target >= 0, target <= state.durableEnd else { throw .offsetOutOfRange }
            state.logStart = max(state.logStart, target)
            state.aborted.trim(before: state.logStart)
            return state.logStart
        }
    }

    /// Removes segments from the front while `condition` holds, but not the active one.
    func removeSegments(while condition: (Extent) -> Bool) throws(SystemError) {
        let removed: [Segment] = state.withLock { state in
            guard state.isOpen else { return [] }
            let extents = state.extents
            let count = min(extents.prefix(while: condition).count, state.segments.count - 1)
            defer { state.segments.removeFirst(count) }
            return Array(state.segments.prefix(count))
        }
        for segment in removed { try removeFiles(segment.baseOffset, revision: segment.revision) }
    }

    /// Closes the active segment when the time of all its records is over, so that they can go, or when they are to be
    /// compacted: nobody may ever write to the partition again. The former as in Apache Kafka. Blocks.
    func rollExpired(now: Int64) throws(LogError) {
        do throws(SystemError) {
            try state.withLock { state throws(SystemError) in
                // Nothing is under way, so the commit thread leaves the files alone; appends wait for the mutex.
                guard state.isOpen, state.isActiveExpired(now: now), state.isQuiet else { return }
                // The name of the empty file keeps the next offset when all others are gone.
                for suffix in [SegmentName.log, SegmentName.offsetIndex, SegmentName.timeIndex] {
                    _ = try context.fileSystem.open(path(state.nextOffset, suffix), creating: true)
                }
                try context.fileSystem.synchronizeDirectory(directory)
                if let part = state.rollExisting() { try store(part) }
            }
        } catch {
            throw .storageFailed(error)
        }
    }

    /// Where the log should start by the topic's `retention.ms` and `retention.bytes`; nil when nothing is to go.
    /// Blocks.
    func retentionStart(now: Int64) throws(LogError) -> Int64? {
        let (configuration, segments, extents, durableEnd) = try opened {
            ($0.configuration, $0.segments, $0.extents, $0.durableEnd)
        }
        guard configuration.deletes else { return nil }
        var start: Int64?
        var excess =
            configuration.retentionBytes < 0
            ? 0 : Int64(extents.reduce(0) { $0 + $1.size }) - configuration.retentionBytes
        for (segment, extent) in zip(segments, extents.dropLast()) where extent.end <= durableEnd {
            let isTooMuch = configuration.retentionBytes >= 0 && excess >= Int64(extent.size)
            // Compaction may have left nothing of a segment.
            let isExpired = isTooMuch || segment.size == 0 ? true : try isExpired(segment, configuration, now: now)
            guard isExpired else { break }
            excess -= Int64(extent.size)
            start = extent.end
        }
        return start
    }

    private func isExpired(
        _ segment: Segment,
        _ configuration: TopicConfiguration,
        now: Int64
    ) throws(LogError) -> Bool {
        guard configuration.retentionMilliseconds >= 0 else { return false }
        do throws(SystemError) {
            let index = try index(of: segment)
            guard let last = index.times.last else { return false }
            return now - last.timestamp > configuration.retentionMilliseconds
        } catch {
            throw .readFailed(error)
        }
    }

    /// Until when neither retention nor compaction have anything to do, when nobody writes to the log.
    func nextUpkeep(_ state: PartitionState, now: Int64) throws(SystemError) -> Int64 {
        let configuration = state.configuration
        var due = Int64.max
        if configuration.deletes, let first = state.segments.first, state.segments.count > 1 {
            let isTooMuch = configuration.retentionBytes >= 0 && state.size - first.size >= configuration.retentionBytes
            if first.size == 0 || isTooMuch { return .min }
            if configuration.retentionMilliseconds >= 0, let last = try index(of: first).times.last {
                due = last.timestamp.addingSaturated(configuration.retentionMilliseconds)
            }
        }
        if configuration.deletes, configuration.retentionMilliseconds >= 0, state.active.size > 0 {
            due = min(due, state.active.maxTimestamp.addingSaturated(configuration.retentionMilliseconds))
        }
        if configuration.compacts {
            if let first = state.active.firstTimestamp {
                due = min(due, first.addingSaturated(configuration.maximumCompactionLag))
            }
            // What is not due for compaction by its share may be by its age.
            if state.hasCleanable { due = min(due, now.addingSaturated(Self.compactionInterval)) }
        }
        return due
    }

    /// Milliseconds between two looks at a closed log that has something for compaction.
    private static let compactionInterval: Int64 = 600_000

    /// Writes what the next start reads instead of scanning: indexes and producers. False when something is missing.
    func finishForClose() -> Bool {
        let now = context.clock.now.milliseconds
        return state.withLock { state in
            guard state.isOpen else { return true }
            guard state.durableEnd == state.nextOffset, state.failure == nil else { return false }
            do throws(SystemError) {
                try settle(&state, now: now)
                return true
            } catch {
                return false
            }
        }
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}

extension PartitionState {
    /// Whether the newest record of the active segment is older than `retention.ms`, or its first one than
    /// `max.compaction.lag.ms`.
    fileprivate func isActiveExpired(now: Int64) -> Bool {
        if configuration.compacts, configuration.maximumCompactionLag < .max, let first = active.firstTimestamp,
            now - first > configuration.maximumCompactionLag
        {
            return true
        }
        return configuration.deletes && configuration.retentionMilliseconds >= 0 && active.size > 0
            && now - active.maxTimestamp > configuration.retentionMilliseconds
    }

    /// Whether everything is on disk and nothing is on its way there.
    fileprivate var isQuiet: Bool {
        active.exists && durableEnd == nextOffset && !tail.hasPending && failure == nil
    }

    /// Begins a segment whose files are on disk, empty; hands back the index of the one before, to be written.
    fileprivate mutating func rollExisting() -> CommitWork.IndexPart? {
        active.finishIndex()
        let (index, storedOffsets, storedTimes) = (active.index, active.storedOffsets, active.storedTimes)
        active.index = nil
        segments.append(Segment(baseOffset: nextOffset))
        active.exists = true
        durableMark = mark
        return index.map { CommitWork.IndexPart(index: $0, storedOffsets: storedOffsets, storedTimes: storedTimes) }
    }

    var extents: [PartitionLog.Extent] {
        segments.indices.map { index in
            PartitionLog.Extent(
                base: segments[index].baseOffset,
                end: index + 1 < segments.count ? segments[index + 1].baseOffset : nextOffset,
                size: segments[index].size
            )
        }
    }
}
