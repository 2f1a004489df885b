import Synchronization
import System
import Telemetry

/// Compaction of the topics whose `cleanup.policy` has `compact` (Kafka's LogCleaner).
extension LogStore {
    /// Compacts the log with the largest new share; false when none is due. Blocks for as long as it takes, and must not
    /// run by `background`: it waits for that.
    @discardableResult
    public func compactNext() -> Bool {
        let now = context.clock.now.milliseconds
        var next: (log: PartitionLog, plan: CompactionPlan)?
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) {
            do throws(LogError) {
                guard let plan = try log.compactionPlan(now: now) else { continue }
                if next.map({ $0.plan.dirtyRatio < plan.dirtyRatio }) ?? true { next = (log, plan) }
            } catch {
                context.logger.warning("compaction of \(log.topic)-\(log.index) cannot look at it: \(error)")
            }
        }
        guard let next else { return false }
        return compact(next.log, next.plan, now: now)
    }

    private func compact(_ log: PartitionLog, _ plan: CompactionPlan, now: Int64) -> Bool {
        let name = "\(log.topic)-\(log.index)"
        let pace = cleanerThread
        let cleaner = SegmentCleaner(directory: log.directory, context: context, plan: plan) { bytes in
            pace.spend(bytes) && log.state.withLock { $0.failure == nil }
        }
        log.state.withLock { $0.isCompacted = true }
        defer { log.state.withLock { $0.isCompacted = false } }
        do throws(SegmentCleaner.Failure) {
            let latest = try cleaner.latestOffsets()
            var filter = BatchFilter(latest: latest, plan: plan, now: now)
            var forgotten: Set<Int64> = []
            for group in plan.groups(upTo: latest.end) {
                let cleaned = try log.cleaning.withLock { _ throws(SegmentCleaner.Failure) in
                    try cleaner.clean(group, &filter)
                }
                guard let cleaned else { continue }
                try swapIn(cleaned, log, cleaner, markers: filter.removedMarkers.subtracting(forgotten))
                forgotten = filter.removedMarkers
            }
            log.state.withLock { $0.cleanedEnd = max($0.cleanedEnd, latest.end) }
            refreshCheckpoint()
            return true
        } catch {
            switch error {
            case .abandoned: break
            case .failed(let error): context.logger.warning("compaction of \(name) failed: \(error)")
            case .damaged(let segment, let position):
                log.state.withLock { $0.isUncleanable = true }
                context.logger.critical(
                    "damaged log: segment \(segment) is broken at \(position): it is compacted no more",
                    metadata: ["log": .string(name)]
                )
            }
            return false
        }
    }

    /// On the job thread, so that nothing else changes the log's segments and no copy is being made.
    private func swapIn(
        _ cleaned: SegmentCleaner.Cleaned,
        _ log: PartitionLog,
        _ cleaner: SegmentCleaner,
        markers: Set<Int64>
    ) throws(SegmentCleaner.Failure) {
        let outcome = SwapOutcome()
        let isSubmitted = background { [self] in
            outcome.set(swapNow(cleaned, log, markers: markers))
            swapDone.signal()
        }
        if isSubmitted { swapDone.wait() }
        guard let failure = outcome.failure else { return }
        cleaner.discard("\(log.directory)/\(SegmentName.file(cleaned.offsets, SegmentName.cleaned))")
        throw failure
    }

    private func swapNow(
        _ cleaned: SegmentCleaner.Cleaned,
        _ log: PartitionLog,
        markers: Set<Int64>
    ) -> SegmentCleaner.Failure? {
        guard log.holds(cleaned) else { return .abandoned }
        let swap = SegmentSwap(directory: log.directory, fileSystem: context.fileSystem, offsets: cleaned.offsets)
        do throws(SystemError) {
            // Replay must not write what it holds into the new file, and recovery not look for a torn end in it.
            try ring?.flush()
            try writeCheckpoint(isClean: false)
            try log.forgetAborted(markers) { committer.barrier() }
            try swap.prepare()
        } catch {
            return .failed(error)
        }
        do throws(SystemError) {
            try log.swapIn(cleaned, swap)
            return nil
        } catch {
            fail(.storageFailed(error))
            return .failed(error)
        }
    }
}

/// How a swap ended, told by the job thread to the one that waits for it.
private final class SwapOutcome: Sendable {
    private let state = Mutex<SegmentCleaner.Failure?>(.abandoned)

    var failure: SegmentCleaner.Failure? { state.withLock { $0 } }

    func set(_ failure: SegmentCleaner.Failure?) { state.withLock { $0 = failure } }
}
