import Synchronization
import System

/// Syncs many files at once: each `fdatasync` of a grown file waits for the file system's journal, and those that wait
/// together share one journal commit.
///
/// Callers come one after the other, and after an error nothing more is synced: the kernel tells of a lost write once,
/// and who asks second would believe that all is well.
final class SyncPool: Sendable {
    /// Threads that wait in `fdatasync`; they use no processor time.
    static let threads = 16
    /// Files held open at a time.
    private static let batch = 256

    private let files: SegmentFiles
    private let fileSystem: any FileSystem
    private let turn = Mutex<Void>(())
    /// Started by the first call with several files.
    private let queue = Mutex<WorkQueue?>(nil)
    private let done: Semaphore
    private let failure = Mutex<SystemError?>(nil)

    init(files: SegmentFiles, fileSystem: any FileSystem) throws {
        self.files = files
        self.fileSystem = fileSystem
        done = try Semaphore()
    }

    /// Returns when all is on disk, or throws the first error when all calls are over. What was removed is passed
    /// over. Blocks.
    func synchronize(_ changes: SegmentChanges) throws(SystemError) {
        try turn.withLock { _ throws(SystemError) in
            var paths = Array(changes.files)[...]
            while !paths.isEmpty {
                var open: [any LogFile] = []
                for path in paths.prefix(Self.batch) {
                    if let file = try existing({ () throws(SystemError) in try files.file(path) }) { open.append(file) }
                }
                synchronize(open)
                paths = paths.dropFirst(Self.batch)
            }
            for directory in changes.directories {
                noting { () throws(SystemError) in
                    _ = try existing { () throws(SystemError) in try fileSystem.synchronizeDirectory(directory) }
                }
            }
            if let failure = failure.withLock({ $0 }) { throw failure }
        }
    }

    private func existing<Value>(_ body: () throws(SystemError) -> Value) throws(SystemError) -> Value? {
        do throws(SystemError) {
            return try body()
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    private func synchronize(_ files: [any LogFile]) {
        let shares = min(files.count, Self.threads)
        if shares > 1, let queue = started() {
            for share in 0..<shares {
                let work: @Sendable () -> Void = { [self] in
                    for index in stride(from: share, to: files.count, by: shares) { synchronize(files[index]) }
                    done.signal()
                }
                // A stopped queue takes nothing: then the caller does it.
                if !queue.submit(work) { work() }
            }
            for _ in 0..<shares { done.wait() }
        } else {
            for file in files { synchronize(file) }
        }
    }

    func stop() { queue.withLock { $0 }?.stop() }

    /// Nil when the machine gives no more threads: then one after the other.
    private func started() -> WorkQueue? {
        queue.withLock { queue in
            if queue == nil { queue = try? WorkQueue(name: "log-sync", threads: Self.threads) }
            return queue
        }
    }

    private func synchronize(_ file: any LogFile) {
        noting { () throws(SystemError) in try file.synchronize() }
    }

    private func noting(_ body: () throws(SystemError) -> Void) {
        do throws(SystemError) {
            try body()
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }
}
