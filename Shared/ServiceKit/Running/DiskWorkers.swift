import Contracts
import Reactor
import System

/// Threads for what requests read from and write to disk. Any loop.
public final class DiskWorkers: Sendable {
    /// Threads.
    public static let threads = 4
    /// Calls that may wait for a thread.
    public static let queueLimit = 256

    private let workers: WorkerPool

    /// Starts the threads; they are called `name`.
    public init(_ name: String) throws {
        workers = try WorkerPool(name: name, threads: Self.threads, queueLimit: Self.queueLimit)
    }

    /// Runs work that blocks. Throws ``Problem``: 507 for a full disk, 503 when too much waits; else what `body` throws.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        do {
            return try await workers.run(body)
        } catch let error as SystemError where error.isStorageFull {
            throw Problem(.storageFull)
        } catch is WorkerPool.Full {
            throw Problem(.overloaded, retryAfter: 1)
        }
    }

    /// Finishes what is under way and ends the threads. Blocks.
    public func close() { workers.shutdown() }
}
