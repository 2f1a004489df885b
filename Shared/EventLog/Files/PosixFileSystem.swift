import Glibc
public import System

/// The machine's file system.
public struct PosixFileSystem: FileSystem {
    /// Makes the seam to the real disk.
    public init() {}

    /// See `FileSystem.open`.
    public func open(_ path: String, creating: Bool) throws(SystemError) -> any LogFile {
        let flags = O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0)
        let descriptor = unsafe Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .last("open", path) }
        return PosixFile(descriptor: descriptor, path: path)
    }

    /// See `FileSystem.createDirectory`.
    public func createDirectory(_ path: String) throws(SystemError) {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .last("mkdir", path)
        }
        try createDirectory(String(path[..<slash]))
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last("mkdir", path) }
    }

    /// See `FileSystem.names`.
    public func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw .last("opendir", directory) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// See `FileSystem.rename`.
    public func rename(_ source: String, to target: String) throws(SystemError) {
        guard unsafe Glibc.rename(source, target) == 0 else { throw .last("rename", source) }
    }

    /// See `FileSystem.remove`.
    public func remove(_ path: String) throws(SystemError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path) }
    }

    /// See `FileSystem.removeDirectory`.
    public func removeDirectory(_ path: String) throws(SystemError) {
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .last("rmdir", path) }
    }

    /// See `FileSystem.synchronizeDirectory`.
    public func synchronizeDirectory(_ path: String) throws(SystemError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    }
}

/// A file of the machine, closed with its last reference.
private final class PosixFile: LogFile {
    private let descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func size() throws(SystemError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path) }
        return Int(status.st_size)
    }

    func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                let result = unsafe pread(descriptor, rest.baseAddress, count - filled, off_t(offset + filled))
                if result < 0 {
                    if errno == EINTR { continue }
                    failure = .last("pread", path)
                    return
                }
                if result == 0 { return }
                filled += result
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        let failure: SystemError? = unsafe bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                let result = unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
                if result < 0 {
                    if errno == EINTR { continue }
                    return .last("pwrite", path)
                }
                written += result
            }
            return nil
        }
        if let failure { throw failure }
    }

    func truncate(to size: Int) throws(SystemError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .last("ftruncate", path) }
    }

    func synchronize() throws(SystemError) {
        // Not repeated on EINTR or any other error: the kernel marks failed pages clean, a second sync would lie.
        guard fdatasync(descriptor) == 0 else { throw .last("fdatasync", path) }
    }
}
