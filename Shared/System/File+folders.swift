import CPlatform
import Glibc

/// Operations on names and on whole folders. All block.
extension File {
    /// Makes a file that did not exist, durably, with all of its bytes at once: false when there is one, which stays. Of
    /// several processes that try, one makes it.
    public static func create(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws -> Bool {
        let temporary = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max))"
        try replace(temporary, with: bytes, mode: mode)
        defer { unsafe unlink(temporary) }
        do {
            try link(temporary, to: path)
        } catch let error as SystemError where error.code == EEXIST {
            return false
        }
        try syncDirectory(directory(of: path))
        return true
    }

    /// Removes a folder with the files in it; content when there is none. Folders in it stay, and so does it then.
    public static func removeFolder(_ path: String) throws {
        for name in try names(in: path) { try remove("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw SystemError.last("rmdir", path) }
    }

    /// Makes everything durable that was written to the file system of a path.
    public static func syncFileSystem(of path: String) throws {
        let descriptor = try Descriptor(path, O_RDONLY)
        _ = try descriptor.check("syncfs") { Int(platform_sync_file_system(descriptor.number)) }
    }

    /// Lets two paths of one file system change places in one step, durably.
    public static func exchange(_ first: String, _ second: String) throws {
        guard unsafe platform_exchange(first, second) == 0 else { throw SystemError.last("renameat2", first) }
        try syncDirectory(directory(of: first))
        try syncDirectory(directory(of: second))
    }

    /// Gives a file or folder another name on the same disk, durably.
    public static func move(_ path: String, to target: String) throws {
        try rename(path, to: target)
        try syncDirectory(directory(of: target))
    }

    /// Calls `body` with the file's bytes, piece by piece.
    public static func forEachPiece(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor = try Descriptor(path, O_RDONLY)
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count = try descriptor.check("read") {
                unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor.number, $0.baseAddress, $0.count) }
            }
            if count == 0 { return }
            try body(count == piece.count ? piece : Array(piece[..<count]))
        }
    }

    private static let pieceSize = 1 << 20

    /// Copies a file to a name that must be free, with a mode; durable only after `syncFileSystem`.
    public static func copy(_ path: String, to target: String, mode: UInt32 = 0o600) throws {
        let descriptor = try Descriptor(target, O_WRONLY | O_CREAT | O_EXCL, mode)
        try forEachPiece(of: path) { try descriptor.writeAll($0) }
    }
}
