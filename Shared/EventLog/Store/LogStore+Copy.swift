import Synchronization
public import System

/// Why there is no copy of a store.
public enum LogCopyError: Error, Sendable, Equatable {
    /// The hold was over before it was released, or was given up.
    case expired
    /// A file could not be read or written.
    case failed(SystemError)
}

extension LogStore {
    /// Bytes that are copied at a time.
    private static let copyBytes = 1 << 20

    /// A file that grows at its end only, and how much of it belongs to the copy.
    private struct GrowingFile {
        let source: String
        let target: String
        let size: Int
    }

    /// Copies the store as it is at one instant into a directory, for a store that starts from it later: segments and
    /// their indexes up to the durable ends, metadata, producers, epochs, and a checkpoint of those ends. Not the ring: all
    /// of it is in the segments by then.
    ///
    /// The store stands still from the instant on, when `held` is called, until the hold is released; what grows is copied
    /// afterwards. Blocks, and must run by `background`: nothing is deleted meanwhile, by retention or by anybody. What is
    /// written is not synced.
    public func copy(
        to target: String,
        during hold: LogHold,
        held: () -> Void
    ) throws(LogCopyError) {
        holds.withLock { $0.append(hold) }
        defer { holds.withLock { holds in holds.removeAll { $0 === hold } } }
        // After a crash batches may lie behind the marks; who looks for them is not to hold up everyone.
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) where !log.isKnown { _ = log.bounds }
        var isWhole = false
        do throws(SystemError) {
            let files = try committer.standingStill { () throws(SystemError) in
                let files = try begin(target)
                isWhole = hold.hold(held)
                return files
            }
            for file in files where isWhole {
                try copy(file)
                // The store closes.
                if hold.isGivenUp { isWhole = false }
            }
        } catch {
            throw .failed(error)
        }
        guard isWhole else { throw .expired }
    }

    /// Copies what is replaced as a whole and lists what grows.
    private func begin(_ target: String) throws(SystemError) -> [GrowingFile] {
        try ring?.flush()
        try writeCheckpoint(isClean: false)
        let fileSystem = context.fileSystem
        try fileSystem.createDirectory(target)
        for name in [StoreMetadata.fileName, Checkpoint.fileName, Self.settingsName] {
            try copyWhole(name, from: directory, to: target)
        }
        var growing: [GrowingFile] = []
        for log in state.withLock({ $0.partitions.values.flatMap { $0 } }) {
            let copy = "\(target)/\(log.topic)-\(log.index)"
            let names: [String]
            do throws(SystemError) {
                names = try fileSystem.names(in: log.directory)
            } catch {
                // Nothing was ever written to it.
                guard error.isNotFound else { throw error }
                continue
            }
            try fileSystem.createDirectory(copy)
            for name in names where !name.hasSuffix(".tmp") && !name.hasSuffix(SegmentName.cleaned) {
                if SegmentName.isGrowing(name) {
                    let source = "\(log.directory)/\(name)"
                    let size = try fileSystem.open(source, creating: false).size()
                    growing.append(GrowingFile(source: source, target: "\(copy)/\(name)", size: size))
                } else {
                    try copyWhole(name, from: log.directory, to: copy)
                }
            }
        }
        return growing
    }

    private func copyWhole(_ name: String, from source: String, to target: String) throws(SystemError) {
        guard let bytes = try context.fileSystem.contents(of: "\(source)/\(name)") else { return }
        try context.fileSystem.open("\(target)/\(name)", creating: true).write(bytes, at: 0)
    }

    private func copy(_ file: GrowingFile) throws(SystemError) {
        let source = try context.fileSystem.open(file.source, creating: false)
        let target = try context.fileSystem.open(file.target, creating: true)
        var position = 0
        while position < file.size {
            let bytes = try source.read(at: position, count: min(Self.copyBytes, file.size - position))
            // Shorter than it was: only a broken disk or another program does that.
            guard !bytes.isEmpty else { throw SystemError(operation: "read", subject: file.source, code: 5) }
            try target.write(bytes, at: position)
            position += bytes.count
        }
    }
}

extension SegmentName {
    /// Whether a file of a partition is written at its end only.
    fileprivate static func isGrowing(_ name: String) -> Bool {
        [log, offsetIndex, timeIndex].contains { offset(name, $0) != nil }
    }
}
