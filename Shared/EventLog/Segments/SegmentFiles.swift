import Synchronization
import System

/// The open `.log` files of all partitions, the least recently used closed beyond a limit: ten thousand partitions must
/// not need ten thousand descriptors. Who holds a file keeps it open.
final class SegmentFiles: Sendable {
    /// A path, and how often another file has taken its place.
    struct Key: Hashable {
        let path: String
        let revision: Int
    }

    struct State {
        var files: [Key: (file: any LogFile, use: UInt64)] = [:]
        var uses: UInt64 = 0
    }

    private let fileSystem: any FileSystem
    private let limit: Int
    private let state = Mutex(State())

    init(fileSystem: any FileSystem, limit: Int) {
        self.fileSystem = fileSystem
        self.limit = max(1, limit)
    }

    /// The file at `path`, opened when it is not. Blocks.
    func file(_ path: String, revision: Int = 0, creating: Bool = false) throws(SystemError) -> any LogFile {
        let key = Key(path: path, revision: revision)
        if let file = state.withLock({ $0.use(key) }) { return file }
        let file = try fileSystem.open(path, creating: creating)
        state.withLock { state in
            if state.files.count >= limit { state.evict(state.files.count / 8 + 1) }
            state.uses += 1
            state.files[key] = (file, state.uses)
        }
        return file
    }

    /// Lets go of a file that is about to be removed.
    func forget(_ path: String, revision: Int = 0) {
        state.withLock { $0.files[Key(path: path, revision: revision)] = nil }
    }
}

extension SegmentFiles.State {
    mutating func use(_ key: SegmentFiles.Key) -> (any LogFile)? {
        guard let file = files[key]?.file else { return nil }
        uses += 1
        files[key]?.use = uses
        return file
    }

    /// An eighth at a time, so that the sort is paid for rarely.
    mutating func evict(_ count: Int) {
        for (key, _) in files.sorted(by: { $0.value.use < $1.value.use }).prefix(count) { files[key] = nil }
    }
}
