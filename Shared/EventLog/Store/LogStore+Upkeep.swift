import Synchronization
import System
import Telemetry

/// What keeps a store small and quick to open.
extension LogStore {
    /// On the commit thread, after each round: the memory of tails, and the checkpoint.
    func afterRound(_ rounds: [(log: PartitionLog, bytes: Int, end: Int64)]) {
        let now = MonotonicClock.nanoseconds
        let isCheckpointDue = upkeep.withLock { upkeep in
            upkeep.tail += rounds
            let bytes = rounds.reduce(0) { $0 + $1.bytes }
            upkeep.tailBytes += bytes
            upkeep.bytesSinceRelease += bytes
            upkeep.trim(to: context.configuration.tailBytes)
            guard now >= upkeep.checkpointDue else { return false }
            upkeep.checkpointDue = now + UInt64(max(0, context.configuration.checkpointInterval)) * 1_000_000
            return true
        }
        // On the job thread: acknowledgements do not wait for it.
        if isCheckpointDue { background { [self] in refreshCheckpoint() } }
    }

    /// On the commit thread, when nothing has come for a while: a fresh checkpoint, and the memory of a load goes back to
    /// the system.
    func quieten() {
        let releases = upkeep.withLock { upkeep in
            guard upkeep.bytesSinceRelease >= context.configuration.tailBytes else { return false }
            upkeep.bytesSinceRelease = 0
            return true
        }
        background { [self] in
            refreshCheckpoint()
            if releases { Process.releaseUnusedMemory() }
        }
    }

    func refreshCheckpoint() {
        do throws(SystemError) {
            try writeCheckpoint(isClean: false)
        } catch {
            // It only bounds what recovery reads: the next one will do.
            context.logger.warning("checkpoint not written: \(error)")
        }
    }

    /// Notes how far each log is durable. Blocks.
    func writeCheckpoint(isClean: Bool) throws(SystemError) {
        try checkpointLock.withLock { _ throws(SystemError) in
            var checkpoint = Checkpoint()
            checkpoint.isClean = isClean
            let logs = state.withLock { $0.partitions.values.flatMap { $0 } }
            checkpoint.entries.reserveCapacity(logs.count)
            for log in logs {
                let key = Checkpoint.Key(topic: log.topicID, partition: log.index)
                checkpoint.entries[key] = log.state.withLock { $0.checkpointEntry }
            }
            try context.fileSystem.replace(Checkpoint.fileName, in: directory, with: checkpoint.encoded)
        }
    }

    /// Deletes the records before `offset` (DeleteRecords; -1: up to the durable end) and returns the new start;
    /// durable on return. Blocks. Errors: unknownTopicOrPartition, offsetOutOfRange.
    public func deleteRecords(_ topic: String, _ index: Int32, before offset: Int64) throws(LogError) -> Int64 {
        guard let log = partition(topic, index) else { throw .unknownTopicOrPartition }
        let start = try log.raiseStart(to: offset)
        try removeDeleted([log])
        return start
    }

    /// Makes the starts of the logs durable and removes the segments before them.
    private func removeDeleted(_ logs: [PartitionLog]) throws(LogError) {
        guard !logs.isEmpty else { return }
        do throws(SystemError) {
            try writeCheckpoint(isClean: false)
            try ring?.flush()
            for log in logs {
                let start = log.state.withLock { $0.logStart }
                try log.removeSegments { $0.end <= start }
            }
        } catch {
            throw error.isStorageFull ? .storageFull : .storageFailed(error)
        }
    }

    /// Producers silent for this many milliseconds are forgotten (`producer.id.expiration.ms`).
    static let producerExpiration: Int64 = 86_400_000
    /// So many logs are shortened with one checkpoint.
    private static let retentionBatch = 256

    /// Deletes segments that are older or more than their topics keep. A closed log is looked at when something of it is
    /// due, and closed again. Blocks; call it every `LogStoreConfiguration.retentionInterval`, on the job thread.
    public func applyRetention() {
        let now = context.clock.now.milliseconds
        var shortened: [PartitionLog] = []
        var opened: [PartitionLog] = []
        let flush = { [self] () in
            do throws(LogError) {
                try removeDeleted(shortened)
            } catch {
                context.logger.warning("retention failed: \(error)")
            }
            for log in opened { _ = log.closeIfUnused(since: .max, now: now) }
            (shortened, opened) = ([], [])
        }
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) {
            let (isOpen, isDue) = log.state.withLock { state in
                state.producers.expire(before: now - Self.producerExpiration)
                return (state.isOpen, state.isOpen || state.rest.upkeepDue <= now)
            }
            guard isDue else { continue }
            if !isOpen { opened.append(log) }
            do throws(LogError) {
                try log.open()
                try log.rollExpired(now: now)
                if let start = try log.retentionStart(now: now), start > log.bounds.start {
                    _ = try log.raiseStart(to: start)
                    shortened.append(log)
                }
            } catch {
                context.logger.warning("retention of \(log.name) failed: \(error)")
            }
            if shortened.count + opened.count >= Self.retentionBatch { flush() }
        }
        flush()
    }

    /// Closes logs that nobody uses, the least recently used first, while more are open than should be. Blocks, for a
    /// bounded number of them: true when there are more. On the job thread.
    func closeIdle() -> Bool {
        let excess = context.openLogs.count - context.configuration.openLogs
        guard excess > 0 else { return false }
        let now = context.clock.now.milliseconds
        let limit = now - context.configuration.idleMilliseconds
        let logs = state.withLock { $0.partitions.values.flatMap { $0 } }
        var idle = logs.compactMap { log in
            log.state.withLock { $0.isIdle(since: limit) ? (log: log, use: $0.lastUse) : nil }
        }
        idle.sort { $0.use < $1.use }
        let count = min(excess, idle.count)
        let closed = idle.prefix(min(count, Self.closingBatch)).count { $0.log.closeIfUnused(since: limit, now: now) }
        return closed > 0 && closed < count
    }

    /// So many are closed before other jobs have their turn.
    private static let closingBatch = 256

    /// `closeIdle` until nothing is left to close, behind what else there is to do.
    func closeIdleInBackground(hasClosed: Bool = false) {
        background { [self] in
            if closeIdle() {
                closeIdleInBackground(hasClosed: true)
            } else if hasClosed {
                Process.releaseUnusedMemory()
            }
        }
    }
}

extension LogStore.Upkeep {
    /// Drops the oldest durable batches of all tails until they fit.
    mutating func trim(to limit: Int) {
        while tailBytes > limit, tailHead < tail.count {
            let oldest = tail[tailHead]
            oldest.log.state.withLock { $0.tail.trim(before: oldest.end) }
            tailBytes -= oldest.bytes
            tailHead += 1
        }
        if tailHead > 1024, tailHead > tail.count / 2 {
            tail.removeFirst(tailHead)
            tailHead = 0
        }
    }
}
