import Glibc

/// Files in a folder that a program nobody trusts has written to. All block.
extension File {
    /// The size of a regular file; nil when there is none: a link, a pipe or a folder is none, for following it could lead
    /// out of the program's own folder or wait for ever. Rule: the program has ended.
    public static func regularFileSize(_ path: String) -> Int64? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }

    /// Makes the file hold exactly `bytes`, without care for a crash: for files that live as long as the process.
    public static func write(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws {
        let descriptor = try Descriptor(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try descriptor.writeAll(bytes)
    }
}
