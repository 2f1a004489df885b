import EventLog
import KafkaProtocol
import Synchronization
import System
import Telemetry

/// What time does to transactions.
extension TransactionCoordinator {
    /// Aborts transactions that last too long and writes markers that could not be written before. Call it every
    /// `GroupCoordinator.sweepInterval`; it does not wait.
    func sweep() {
        let now = MonotonicClock.nanoseconds
        let wall = clock.now.milliseconds
        for entry in activeEntries {
            let isLate = entry.state.withLock { state in
                state.current.status == .ongoing && state.deadline <= now && state.pending == nil
            }
            guard isLate else {
                writeMarkers(entry)
                continue
            }
            do throws(ErrorCode) {
                try store(entry) { current throws(ErrorCode) in
                    try current.fenced(now: wall)
                } done: { [logger] result in
                    guard case .success(let transaction) = result else { return }
                    logger.info("transaction timed out", metadata: ["transactional_id": .string(transaction.id)])
                }
            } catch {
                // It is being changed, or the disk is full: the next sweep comes.
                continue
            }
        }
    }

    /// Forgets ids that were not used for long. Blocks.
    func applyRetention() throws {
        let now = clock.now.milliseconds
        for entry in entries {
            let forgotten: String? = try entry.state.withLock { state throws(LogError) in
                let current = state.current
                let isIdle = current.status != .ongoing && !current.status.isPreparing && state.pending == nil
                guard isIdle, now - current.updated > Self.expiration else { return nil }
                _ = try log.append(TransactionRecord(forgetting: current.id), now: now)
                state.isForgotten = true
                return current.id
            }
            if let forgotten { remove(forgotten) }
        }
    }
}
