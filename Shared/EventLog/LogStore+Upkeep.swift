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
            for log in logs {
                let bounds = log.bounds
                checkpoint.entries[.init(topic: log.topicID, partition: log.index)] = .init(
                    durableEnd: bounds.durableEnd,
                    logStart: bounds.start,
                    cleanedEnd: log.state.withLock { $0.cleanedEnd }
                )
            }
            try context.fileSystem.replace(Checkpoint.fileName, in: directory, with: checkpoint.encoded)
        }
    }

    /// Deletes the records before `offset` (DeleteRecords; -1: up to the durable end) and returns the new start;
    /// durable on return. Blocks. Errors: unknownTopicOrPartition, offsetOutOfRange.
    public func deleteRecords(_ topic: String, _ index: Int32, before offset: Int64) throws(LogError) -> Int64 {
        guard let log = partition(topic, index) else { throw .unknownTopicOrPartition }
        let start = try log.raiseStart(to: offset)
        do throws(SystemError) {
            try writeCheckpoint(isClean: false)
            try ring?.flush()
            try log.removeSegments { $0.end <= start }
        } catch {
            throw error.isStorageFull ? .storageFull : .storageFailed(error)
        }
        return start
    }

    /// Producers silent for this many milliseconds are forgotten (`producer.id.expiration.ms`).
    static let producerExpiration: Int64 = 86_400_000

    /// Deletes segments that are older or more than their topics keep. Blocks; call it every
    /// `LogStoreConfiguration.retentionInterval`.
    public func applyRetention() {
        let now = context.clock.now.milliseconds
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) {
            log.state.withLock { $0.producers.expire(before: now - Self.producerExpiration) }
            do throws(LogError) {
                try log.rollExpired(now: now)
                guard let start = try log.retentionStart(now: now), start > log.bounds.start else { continue }
                _ = try deleteRecords(log.topic, log.index, before: start)
            } catch {
                context.logger.warning("retention of \(log.topic)-\(log.index) failed: \(error)")
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
