import Glibc
import Synchronization
import System

@testable import EventLog

/// A disk in memory that keeps a journal of what was done to it, and can say what may be left after the power went at
/// any point: what was synced, and any part of the rest (ALICE, OSDI'14).
final class SimulatedFileSystem: FileSystem {
    /// One step in the order in which it was done.
    enum Step: Sendable {
        case write(file: Int, offset: Int, bytes: [UInt8])
        case truncate(file: Int, size: Int)
        case link(path: String, file: Int)
        case makeDirectory(path: String)
        case rename(from: String, to: String)
        case remove(path: String)
        case synchronize(file: Int)
        case synchronizeDirectory(path: String)
    }

    /// What reached the disk of what was not synced.
    enum Loss: CaseIterable, Sendable {
        /// All of it: the process was killed, the machine lives.
        case nothing
        /// None of it.
        case everything
        /// The older half is there.
        case newerHalf
        /// The newer half is there: the disk wrote in another order.
        case olderHalf
        /// The last write is there in part.
        case tornWrite
        /// Sizes are there and the bytes of the last write are not (delayed allocation).
        case zeroedWrite
        /// Of the last write every other block is there, the first with it.
        case oddBlocks
        /// Of the last write every other block is there, the first not.
        case evenBlocks
        /// The bytes are there and the names are not.
        case names
    }

    private struct State {
        var journal: [Step] = []
        var disk = Disk()
        /// For each step the one that made it durable.
        var syncs: [Int] = []
        var faults: [@Sendable (Step) -> Int32?] = []
        var bytesRead = 0
    }

    /// Names and contents.
    struct Disk: Sendable {
        var files: [[UInt8]] = []
        var names: [String: Int] = [:]
        var directories: Set<String> = []
    }

    private let state: Mutex<State>

    init(_ disk: Disk = Disk()) {
        var state = State()
        state.disk = disk
        self.state = Mutex(state)
        start = disk
    }

    private let start: Disk

    /// Number of steps so far: a point at which the power may go.
    var steps: Int { state.withLock { $0.journal.count } }

    /// Bytes that were read so far.
    var bytesRead: Int { state.withLock { $0.bytesRead } }

    /// Makes steps fail: the closure answers with an errno or nil. A failed write leaves half of its bytes.
    func inject(_ fault: @escaping @Sendable (Step) -> Int32?) { state.withLock { $0.faults = [fault] } }

    func heal() { state.withLock { $0.faults = [] } }

    /// The disk as it may be found when the power went after `count` steps.
    func disk(after count: Int, losing loss: Loss) -> Disk {
        let (all, syncs) = history
        let journal = all.prefix(count)
        let unsynced = journal.indices.filter { syncs[$0] >= count }
        let lastWrite = unsynced.last { if case .write = journal[$0] { true } else { false } }
        var disk = start
        for (index, step) in journal.enumerated() {
            guard syncs[index] >= count, let rank = unsynced.firstIndex(of: index) else {
                disk.apply(step)
                continue
            }
            switch loss {
            case .nothing: disk.apply(step)
            case .everything: disk.reserve(step)
            case .newerHalf: rank < unsynced.count / 2 ? disk.apply(step) : disk.reserve(step)
            case .olderHalf: rank >= unsynced.count / 2 ? disk.apply(step) : disk.reserve(step)
            case .tornWrite: disk.apply(index == lastWrite ? step.torn : step)
            case .zeroedWrite: disk.apply(index == lastWrite ? step.zeroed : step)
            case .oddBlocks, .evenBlocks:
                for part in index == lastWrite ? step.blocks(from: loss == .oddBlocks ? 0 : 1) : [step] {
                    disk.apply(part)
                }
            case .names: step.isName ? disk.reserve(step) : disk.apply(step)
            }
        }
        disk.dropUnreachable()
        return disk
    }

    /// The disk after `count` steps with any part of the steps that were not synced.
    func disk(after count: Int, keeping isKept: (Int) -> Bool) -> Disk {
        let (journal, syncs) = history
        var disk = start
        for (index, step) in journal.prefix(count).enumerated() {
            syncs[index] < count || isKept(index) ? disk.apply(step) : disk.reserve(step)
        }
        disk.dropUnreachable()
        return disk
    }

    /// The steps before `count` that nothing before `count` has made durable.
    func unsynced(after count: Int) -> [Int] {
        let (journal, syncs) = history
        return journal.prefix(count).indices.filter { journal[$0].canBeLost && syncs[$0] >= count }
    }

    /// The journal, and for each step the one that made it durable.
    private var history: ([Step], [Int]) {
        state.withLock { state in
            if state.syncs.count != state.journal.count { state.syncs = Self.syncs(state.journal) }
            return (state.journal, state.syncs)
        }
    }

    private static func syncs(_ journal: [Step]) -> [Int] {
        journal.indices.map { index in
            journal[(index + 1)...].firstIndex { journal[index].isSynced(by: $0) } ?? Int.max
        }
    }

    fileprivate func perform(_ step: Step, _ operation: String) throws(SystemError) {
        let code = state.withLock { state in
            if let code = state.faults.compactMap({ $0(step) }).first {
                if case .write = step {
                    state.journal.append(step.torn)
                    state.disk.apply(step.torn)
                }
                return code
            }
            state.journal.append(step)
            state.disk.apply(step)
            return 0
        }
        if code != 0 { throw SystemError(operation: operation, code: code) }
    }

    fileprivate func size(_ file: Int) -> Int { state.withLock { $0.disk.files[file].count } }

    fileprivate func read(_ file: Int, at offset: Int, count: Int) -> [UInt8] {
        state.withLock { state in
            let bytes = Array(state.disk.files[file].dropFirst(offset).prefix(count))
            state.bytesRead += bytes.count
            return bytes
        }
    }

    func open(_ path: String, creating: Bool) throws(SystemError) -> any LogFile {
        if let file = state.withLock({ $0.disk.names[path] }) { return SimulatedFile(self, file) }
        guard creating, state.withLock({ $0.disk.directories.contains(Self.parent(path)) }) else {
            throw SystemError(operation: "open", subject: path, code: ENOENT)
        }
        let file = state.withLock { state in
            state.disk.files.append([])
            return state.disk.files.count - 1
        }
        try perform(.link(path: path, file: file), "open")
        return SimulatedFile(self, file)
    }

    func createDirectory(_ path: String) throws(SystemError) {
        if state.withLock({ $0.disk.directories.contains(path) }) { return }
        try perform(.makeDirectory(path: path), "mkdir")
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        let disk = state.withLock { $0.disk }
        guard disk.directories.contains(directory) else {
            throw SystemError(operation: "opendir", subject: directory, code: ENOENT)
        }
        return (Array(disk.names.keys) + Array(disk.directories))
            .filter { Self.parent($0) == directory }
            .map { String($0.dropFirst(directory.count + 1)) }
    }

    func rename(_ source: String, to target: String) throws(SystemError) {
        try perform(.rename(from: source, to: target), "rename")
    }

    func remove(_ path: String) throws(SystemError) { try perform(.remove(path: path), "unlink") }

    func removeDirectory(_ path: String) throws(SystemError) { try perform(.remove(path: path), "rmdir") }

    func synchronizeDirectory(_ path: String) throws(SystemError) {
        try perform(.synchronizeDirectory(path: path), "fsync")
    }

    static func parent(_ path: String) -> String { PartitionLog.parent(of: path) }
}

private final class SimulatedFile: LogFile {
    private let system: SimulatedFileSystem
    private let file: Int

    init(_ system: SimulatedFileSystem, _ file: Int) {
        self.system = system
        self.file = file
    }

    func size() throws(SystemError) -> Int { system.size(file) }

    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        system.read(file, at: offset, count: count)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        try system.perform(.write(file: file, offset: offset, bytes: bytes), "pwrite")
    }

    func truncate(to size: Int) throws(SystemError) {
        try system.perform(.truncate(file: file, size: size), "ftruncate")
    }

    func synchronize() throws(SystemError) { try system.perform(.synchronize(file: file), "fdatasync") }
}

extension SimulatedFileSystem.Step {
    fileprivate func isSynced(by later: Self) -> Bool {
        switch (self, later) {
        case (.write(let file, _, _), .synchronize(let synced)), (.truncate(let file, _), .synchronize(let synced)):
            file == synced
        case (.link(let path, _), .synchronizeDirectory(let directory)),
            (.makeDirectory(let path), .synchronizeDirectory(let directory)),
            (.rename(_, let path), .synchronizeDirectory(let directory)),
            (.remove(let path), .synchronizeDirectory(let directory)):
            SimulatedFileSystem.parent(path) == directory
        default: false
        }
    }

    fileprivate var canBeLost: Bool {
        switch self {
        case .synchronize, .synchronizeDirectory: false
        default: true
        }
    }

    fileprivate var isName: Bool {
        switch self {
        case .link, .makeDirectory, .rename, .remove: true
        default: false
        }
    }

    fileprivate var torn: Self {
        guard case .write(let file, let offset, let bytes) = self else { return self }
        return .write(file: file, offset: offset, bytes: Array(bytes.prefix(bytes.count / 2)))
    }

    /// Every other block of 4 KiB of a write.
    fileprivate func blocks(from first: Int) -> [Self] {
        guard case .write(let file, let offset, let bytes) = self else { return [self] }
        return stride(from: first * 4096, to: bytes.count, by: 8192).map { start in
            .write(file: file, offset: offset + start, bytes: Array(bytes[start...].prefix(4096)))
        }
    }

    fileprivate var zeroed: Self {
        guard case .write(let file, let offset, let bytes) = self else { return self }
        return .write(file: file, offset: offset, bytes: Array(repeating: 0, count: bytes.count))
    }
}

extension SimulatedFileSystem.Disk {
    fileprivate mutating func apply(_ step: SimulatedFileSystem.Step) {
        switch step {
        case .write(let file, let offset, let bytes):
            grow(file)
            let end = offset + bytes.count
            if files[file].count < end { files[file] += Array(repeating: 0, count: end - files[file].count) }
            files[file].replaceSubrange(offset..<end, with: bytes)
        case .truncate(let file, let size):
            grow(file)
            files[file] = Array(files[file].prefix(size))
            files[file] += Array(repeating: 0, count: size - files[file].count)
        case .link(let path, let file):
            grow(file)
            names[path] = file
        case .makeDirectory(let path): directories.insert(path)
        case .rename(let source, let target):
            if let file = names.removeValue(forKey: source) { names[target] = file }
        case .remove(let path):
            names[path] = nil
            // A directory goes with the names in it: it was empty.
            if directories.remove(path) != nil {
                names = names.filter { SimulatedFileSystem.parent($0.key) != path }
            }
        case .synchronize, .synchronizeDirectory: break
        }
    }

    /// A lost step still takes its number.
    fileprivate mutating func reserve(_ step: SimulatedFileSystem.Step) {
        if case .link(_, let file) = step { grow(file) }
    }

    private mutating func grow(_ file: Int) {
        while files.count <= file { files.append([]) }
    }

    /// Names in directories that were lost are lost.
    fileprivate mutating func dropUnreachable() {
        names = names.filter { directories.contains(SimulatedFileSystem.parent($0.key)) }
    }
}
