import Glibc

/// The process's standard error stream, where logs go.
public enum StandardError {
    /// Writes all bytes with as few `write` calls as the stream allows; what cannot be written (closed stream, full
    /// disk) is dropped, because a log must not stop the program. Lines of at most 4 KB do not mix on a pipe.
    public static func write(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(2, $0.baseAddress! + offset, $0.count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            offset += written
        }
    }
}
