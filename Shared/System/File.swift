import Glibc

/// Whole-file operations. All block: call them at start, on a store thread or in a worker pool, never on an event loop.
public enum File {
    /// The largest file `read` takes unless told otherwise: 64 MiB.
    public static let defaultReadLimit = 64 << 20

    /// The bytes of a regular file; fails with `EFBIG` when there are more than `limit`.
    public static func read(_ path: String, limit: Int = defaultReadLimit) throws -> [UInt8] {
        let descriptor = try Descriptor(path, O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let got = try descriptor.check("read") {
                unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor.number, $0.baseAddress, $0.count) }
            }
            if got == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<got])
            guard bytes.count <= limit else { throw SystemError(operation: "read", subject: path, code: EFBIG) }
        }
    }

    /// Makes the file hold exactly `bytes`, durably and in one step: a reader, or a crash at any point, sees the old
    /// content or the new one. Writes `<path>.tmp`, syncs it, renames it and syncs the folder.
    public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws {
        let temporary = path + ".tmp"
        let descriptor = try Descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode)
        _ = try descriptor.check("fchmod") { Int(fchmod(descriptor.number, mode)) }
        try descriptor.writeAll(bytes)
        _ = try descriptor.check("fsync") { Int(fsync(descriptor.number)) }
        guard unsafe Glibc.rename(temporary, path) == 0 else { throw SystemError.last("rename", path) }
        try syncDirectory(directory(of: path))
    }

    /// Creates the folder and the missing ones above it; content when it exists already.
    public static func createDirectory(_ path: String, mode: UInt32 = 0o700) throws {
        if unsafe mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, directory(of: path) != path else { throw SystemError.last("mkdir", path) }
        try createDirectory(directory(of: path), mode: mode)
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw SystemError.last("mkdir", path) }
    }

    /// Makes the entries of a folder (creations, renames, removals) survive a power loss.
    public static func syncDirectory(_ path: String) throws {
        let descriptor = try Descriptor(path, O_RDONLY | O_DIRECTORY)
        _ = try descriptor.check("fsync") { Int(fsync(descriptor.number)) }
    }

    /// Whether something is at the path that this process may see.
    public static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    /// Removes a file; content when there is none.
    public static func remove(_ path: String) throws {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw SystemError.last("unlink", path) }
    }

    /// The folder a path lies in: `.` for a bare name.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// An open file that closes itself; every call that fails says on which path.
struct Descriptor: ~Copyable {
    let number: Int32
    let path: String

    init(_ path: String, _ flags: Int32, _ mode: UInt32 = 0) throws {
        var number: Int32
        repeat { number = unsafe open(path, flags | O_CLOEXEC, mode) } while number < 0 && errno == EINTR
        guard number >= 0 else { throw SystemError.last("open", path) }
        self.number = number
        self.path = path
    }

    deinit { close(number) }

    /// Repeats an interrupted call and turns a negative result into an error.
    func check(_ operation: String, _ call: () -> Int) throws -> Int {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw SystemError.last(operation, path) }
        }
    }

    func writeAll(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            offset += try check("write") {
                unsafe bytes.withUnsafeBytes { all in
                    unsafe write(number, all.baseAddress! + offset, all.count - offset)
                }
            }
        }
    }
}
