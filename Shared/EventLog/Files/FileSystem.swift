public import System

/// The one seam between the log and the disk. Every file operation of this module goes through it, so that a test can
/// inject EIO, ENOSPC and torn writes, and enumerate what a crash leaves behind.
///
/// Thread rule: every method may be called from any thread. All of them may block: never on an event loop.
public protocol FileSystem: Sendable {
    /// Opens a file for reading and writing; `creating` makes it when it is missing.
    func open(_ path: String, creating: Bool) throws(SystemError) -> any LogFile
    /// Makes a directory and its missing parents; one that exists is no error.
    func createDirectory(_ path: String) throws(SystemError)
    /// The names in a directory without `.` and `..`, in no order.
    func names(in directory: String) throws(SystemError) -> [String]
    /// Replaces `target` by `source` atomically. Durable only after `synchronizeDirectory`.
    func rename(_ source: String, to target: String) throws(SystemError)
    /// Removes a file; one that is missing is no error.
    func remove(_ path: String) throws(SystemError)
    /// Removes an empty directory; one that is missing is no error.
    func removeDirectory(_ path: String) throws(SystemError)
    /// Makes the names in a directory durable (`fsync` of the directory).
    func synchronizeDirectory(_ path: String) throws(SystemError)
}

/// An open file. It closes itself when the last reference goes.
///
/// Thread rule: any thread; reads may run beside a write to another range. All calls may block.
public protocol LogFile: AnyObject, Sendable {
    /// The size in bytes.
    func size() throws(SystemError) -> Int
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8]
    /// Writes all bytes at `offset`, or throws after having written any part of them.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError)
    /// Cuts or extends the file to `size` bytes.
    func truncate(to size: Int) throws(SystemError)
    /// Makes content and size durable (`fdatasync`). After an error nothing about unsynced bytes may be believed.
    func synchronize() throws(SystemError)
}

extension FileSystem {
    /// Writes a small file so that a crash leaves the old content or the new: temporary file, sync, rename, sync of
    /// the directory.
    func replace(_ name: String, in directory: String, with bytes: [UInt8]) throws(SystemError) {
        let target = "\(directory)/\(name)"
        let temporary = target + ".tmp"
        let file = try open(temporary, creating: true)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
        try file.synchronize()
        try rename(temporary, to: target)
        try synchronizeDirectory(directory)
    }

    /// Makes a directory whose name is durable. One that exists is left alone: its parent may be closed to us.
    func createDurably(_ directory: String) throws(SystemError) {
        do {
            _ = try names(in: directory)
        } catch {
            guard error.isNotFound else { throw error }
            try createDirectory(directory)
            try synchronizeDirectory(PartitionLog.parent(of: directory))
        }
    }

    /// The size of a file, nil when it does not exist.
    func size(of path: String) throws(SystemError) -> Int? {
        do {
            return try open(path, creating: false).size()
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// The whole of a file, nil when it does not exist.
    func contents(of path: String) throws(SystemError) -> [UInt8]? {
        do {
            let file = try open(path, creating: false)
            return try file.read(at: 0, count: file.size())
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }
}
