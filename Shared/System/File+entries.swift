import Glibc

/// What a folder holds under a name.
public struct FileStatus: Sendable, Equatable {
    /// Bytes of a file.
    public let size: Int64
    /// When its content was last changed, or it was touched.
    public let modifiedAt: Timestamp
    /// Whether it is a folder.
    public let isDirectory: Bool
}

/// Names in folders. All block.
extension File {
    /// What is at a path; nil when there is nothing.
    public static func status(_ path: String) throws -> FileStatus? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError.last("stat", path)
        }
        let modified = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        return FileStatus(
            size: Int64(status.st_size),
            modifiedAt: Timestamp(milliseconds: modified),
            isDirectory: status.st_mode & S_IFMT == S_IFDIR
        )
    }

    /// The names in a folder without `.` and `..`, in no order; none when there is no such folder.
    public static func names(in directory: String) throws -> [String] {
        guard let stream = unsafe opendir(directory) else {
            if errno == ENOENT { return [] }
            throw SystemError.last("opendir", directory)
        }
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

    /// Gives a file another name on the same disk, in place of what had it. Durable only after `syncDirectory`.
    public static func rename(_ source: String, to target: String) throws {
        guard unsafe Glibc.rename(source, target) == 0 else { throw SystemError.last("rename", source) }
    }

    /// Gives a file a second name on the same disk; fails with `EEXIST` when that is taken and `EXDEV` on another disk.
    public static func link(_ source: String, to target: String) throws {
        guard unsafe Glibc.link(source, target) == 0 else { throw SystemError.last("link", source) }
    }

    /// Sets the time of the last change to now.
    public static func touch(_ path: String) throws {
        guard unsafe utimensat(AT_FDCWD, path, nil, 0) == 0 else { throw SystemError.last("utimensat", path) }
    }

    /// Makes a file's content and size survive a power loss (`fsync`).
    public static func synchronize(_ path: String) throws {
        let descriptor = try Descriptor(path, O_RDONLY)
        _ = try descriptor.check("fsync") { Int(fsync(descriptor.number)) }
    }

    /// Runs `body` while no other process, and no other thread that asks by this, holds the folder's lock.
    public static func withDirectoryLock<Result>(_ directory: String, _ body: () throws -> Result) throws -> Result {
        let descriptor = try Descriptor(directory, O_RDONLY | O_DIRECTORY)
        _ = try descriptor.check("flock") { Int(flock(descriptor.number, LOCK_EX)) }
        defer { flock(descriptor.number, LOCK_UN) }
        return try body()
    }
}

extension SystemError {
    /// There is no such file.
    public var isNotFound: Bool { code == ENOENT }

    /// The disk, or a quota on it, is full.
    public var isStorageFull: Bool { code == ENOSPC || code == EDQUOT }

    /// The two paths are on different disks.
    public var isCrossDevice: Bool { code == EXDEV }
}
