import CPlatform
import Glibc

/// An open file that is read and written at places of one's choice; it closes itself when the last reference goes.
///
/// Any thread; every call may block: never on an event loop.
public final class OpenFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens a file for reading.
    public convenience init(reading path: String) throws {
        try self.init(path, O_RDONLY)
    }

    /// Opens a file for reading and writing; one that is missing is made when `creating`, with mode 0600.
    public convenience init(writing path: String, creating: Bool = false) throws {
        try self.init(path, O_RDWR | (creating ? O_CREAT : 0))
    }

    private init(_ path: String, _ flags: Int32) throws {
        var number: Int32
        repeat { number = unsafe open(path, flags | O_CLOEXEC, 0o600) } while number < 0 && errno == EINTR
        guard number >= 0 else { throw SystemError.last("open", path) }
        descriptor = number
        self.path = path
    }

    deinit { close(descriptor) }

    /// Its size in bytes.
    public var size: Int64 {
        get throws {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError.last("fstat", path) }
            return Int64(status.st_size)
        }
    }

    /// Up to `count` bytes from a place on; fewer only at the end of the file.
    public func read(at offset: Int64, count: Int) throws -> [UInt8] {
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let rest = unsafe UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
                if got == 0 { return }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    failure = SystemError.last("pread", path)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all bytes at a place, or throws after having written any part of them.
    public func write(_ bytes: [UInt8], at offset: Int64) throws {
        let failure: SystemError? = unsafe bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                let done = unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(written))
                if done >= 0 {
                    written += done
                } else if errno != EINTR {
                    return SystemError.last("pwrite", path)
                }
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Cuts or extends the file.
    public func truncate(to size: Int64) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw SystemError.last("ftruncate", path) }
    }

    /// Makes content and size survive a power loss (`fdatasync`). After an error nothing about what was written since the
    /// last one may be believed.
    public func synchronize() throws {
        guard fdatasync(descriptor) == 0 else { throw SystemError.last("fdatasync", path) }
    }

    /// Gives a range's room on the disk back; it reads as zeros, and the size stays. A file system that cannot do it keeps
    /// the bytes: content.
    public func discard(_ range: Range<Int64>) throws {
        guard !range.isEmpty, platform_punch_hole(descriptor, range.lowerBound, Int64(range.count)) != 0 else { return }
        guard errno == EOPNOTSUPP || errno == ENOSYS else { throw SystemError.last("fallocate", path) }
    }

    /// Tells the kernel that these bytes will not be read again soon, so that a large file does not push others out of
    /// memory. Bytes that are not synchronized yet stay.
    public func forgetCached(_ range: Range<Int64>) {
        _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
    }
}
