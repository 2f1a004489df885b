import Synchronization
import System

/// The commit thread: a round writes the pending batches of each dirty partition to its segment with one call, through
/// the page cache, and makes all of them durable at once: in the write-ahead ring, or by syncing the segments where
/// there is none.
///
/// After any failed write or sync but a full disk nothing more is acknowledged and `onFailure` is called: what the disk
/// holds is known only by reading it again ("Can Applications Recover from fsync Failures?", ATC'20).
final class GroupCommit: CommitPath {
    private struct Queue {
        var dirty: [PartitionLog] = []
        var isStopping = false
        var thread: Thread?
    }

    /// What the store does around the rounds, on the commit thread.
    struct Hooks: Sendable {
        /// After a round, with the partitions and bytes it stored.
        let afterRound: @Sendable ([(log: PartitionLog, bytes: Int, end: Int64)]) -> Void
        /// When no round has followed the last for as long as the checkpoints' interval.
        let onQuiet: @Sendable () -> Void
        /// After an error that ends everything.
        let onFailure: @Sendable (LogError) -> Void
        /// After a round, with the nanoseconds it took to be durable.
        var onCommit: (@Sendable (UInt64) -> Void)?
    }

    private let queue = Mutex(Queue())
    /// Held during a round.
    private let round = Mutex<Void>(())
    private let semaphore: Semaphore
    private let pool: SyncPool
    private let synchronizes: Bool
    private let quietMilliseconds: Int32

    init(_ configuration: LogStoreConfiguration, pool: SyncPool) throws {
        semaphore = try Semaphore()
        self.pool = pool
        synchronizes = configuration.durability == .synchronized
        quietMilliseconds = Int32(clamping: max(0, configuration.checkpointInterval))
    }

    func start(ring: WriteAheadRing?, _ hooks: Hooks) throws {
        let thread = try Thread.start(name: "log-commit") { [self] in run(ring, hooks) }
        queue.withLock { $0.thread = thread }
    }

    func submit(_ log: PartitionLog) {
        let wakes = queue.withLock { queue in
            queue.dirty.append(log)
            return queue.dirty.count == 1
        }
        if wakes { semaphore.signal() }
    }

    /// Returns when the round that runs now is over. Blocks.
    func barrier() {
        _ = round.withLock { _ in 0 }
    }

    /// Runs `body` while no round runs: nothing becomes durable until it returns. Blocks.
    func standingStill<Result>(_ body: () throws(SystemError) -> Result) throws(SystemError) -> Result {
        try round.withLock { _ throws(SystemError) in try body() }
    }

    func stop() {
        let thread = queue.withLock { queue in
            queue.isStopping = true
            defer { queue.thread = nil }
            return queue.thread
        }
        semaphore.signal()
        thread?.join()
    }

    private func run(_ ring: WriteAheadRing?, _ hooks: Hooks) {
        var isQuiet = true
        while true {
            if isQuiet {
                semaphore.wait()
            } else if !semaphore.wait(milliseconds: quietMilliseconds) {
                isQuiet = true
                hooks.onQuiet()
                continue
            }
            let (dirty, isStopping) = queue.withLock { queue in
                defer { queue.dirty.removeAll(keepingCapacity: true) }
                return (queue.dirty, queue.isStopping)
            }
            if !dirty.isEmpty {
                isQuiet = false
                do throws(LogError) {
                    let start = MonotonicClock.nanoseconds
                    let rounds = try round.withLock { _ throws(LogError) in try commit(dirty, ring) }
                    hooks.onCommit?(MonotonicClock.nanoseconds - start)
                    hooks.afterRound(rounds)
                } catch {
                    hooks.onFailure(error)
                    return
                }
            }
            if isStopping { return }
        }
    }

    private func commit(
        _ dirty: [PartitionLog],
        _ ring: WriteAheadRing?
    ) throws(LogError) -> [(log: PartitionLog, bytes: Int, end: Int64)] {
        var rounds: [(log: PartitionLog, work: CommitWork)] = []
        var changes = SegmentChanges()
        for log in dirty {
            guard let work = log.takePending() else { continue }
            do throws(SystemError) {
                changes.formUnion(try log.write(work))
                rounds.append((log, work))
            } catch {
                guard error.isStorageFull else { throw .storageFailed(error) }
                try log.giveUp(work)
            }
        }
        do throws(SystemError) {
            if synchronizes, !rounds.isEmpty {
                if let ring { try ring.store(rounds, changes) } else { try pool.synchronize(changes) }
            }
        } catch {
            throw .storageFailed(error)
        }
        for round in rounds { round.log.finish(round.work) }
        return rounds.map { ($0.log, $0.work.bytes, $0.work.mark.offset) }
    }
}
