import EventLog
import KafkaProtocol
import Synchronization
import System
import Telemetry

/// Ending transactions in the partitions they wrote to.
extension TransactionCoordinator {
    /// Writes the markers of a transaction whose end is decided; `done` is called when they are durable, or could not be
    /// written now: then the next sweep tries again.
    func writeMarkers(_ entry: TransactionEntry, done: @escaping @Sendable () -> Void = {}) {
        let decided: Transaction? = entry.state.withLock { state in
            guard state.current.status.isPreparing, !state.isWritingMarkers else { return nil }
            state.isWritingMarkers = true
            return state.current
        }
        guard let decided else { return done() }
        let markers = Countdown { [self] isComplete in
            finish(entry, isComplete: isComplete)
            done()
        }
        for partition in decided.partitions {
            markers.add()
            append(marker: decided, to: partition) { markers.arrive($0) }
        }
        markers.arrive(true)
    }

    private func append(
        marker decided: Transaction,
        to partition: TopicPartition,
        done: @escaping @Sendable (Bool) -> Void
    ) {
        let commits = decided.status == .prepareCommit
        do throws(LogError) {
            if partition.topic == InternalTopic.offsets {
                return try groups.endTransaction(of: decided.producer, commits: commits, done: done)
            }
            // The topic may have been deleted meanwhile: nothing is left to be ended.
            guard let log = store.partition(partition.topic, partition.partition) else { return done(true) }
            // This is the commit thread or an event loop: neither waits for a log that has to be opened.
            if log.isOpen { return append(decided.producer, commits: commits, to: log, done: done) }
            let isAccepted = store.onReadThread { [self] in
                append(decided.producer, commits: commits, to: log, done: done)
            }
            if !isAccepted { done(false) }
        } catch {
            logger.warning("no marker in \(partition.topic)-\(partition.partition): \(error)")
            done(false)
        }
    }

    private func append(
        _ producer: ProducerIdentity,
        commits: Bool,
        to log: PartitionLog,
        done: @escaping @Sendable (Bool) -> Void
    ) {
        do throws(LogError) {
            log.whenDurable(try log.appendMarker(producer, commits: commits)) { result in
                done((try? result.get()) != nil)
            }
        } catch .unknownTopicOrPartition {
            done(true)
        } catch {
            logger.warning("no marker in \(log.topic)-\(log.index): \(error)")
            done(false)
        }
    }

    /// The markers are durable. That the transaction is complete is not waited for: should the record get lost, the next
    /// one of the id, or the next start, stands for it.
    private func finish(_ entry: TransactionEntry, isComplete: Bool) {
        let now = clock.now.milliseconds
        entry.state.withLock { state in
            state.isWritingMarkers = false
            guard isComplete, state.current.status.isPreparing else { return }
            (state.current.status == .prepareCommit ? metrics.commits : metrics.aborts).increment()
            state.current = state.current.completed(now: now)
            do throws(LogError) {
                _ = try log.append(TransactionRecord(state.current), now: now)
            } catch {
                logger.debug("a complete transaction is not noted: \(error)")
            }
            noteActivity(of: state.current)
        }
    }
}

/// Counts what has not come back yet, from one for the caller itself, and then tells whether all went well.
private final class Countdown: Sendable {
    private let state = Mutex((outstanding: 1, isGood: true))
    private let done: @Sendable (Bool) -> Void

    init(_ done: @escaping @Sendable (Bool) -> Void) { self.done = done }

    func add() { state.withLock { $0.outstanding += 1 } }

    func arrive(_ isGood: Bool) {
        let result: Bool? = state.withLock { state in
            state.outstanding -= 1
            state.isGood = state.isGood && isGood
            return state.outstanding == 0 ? state.isGood : nil
        }
        if let result { done(result) }
    }
}
