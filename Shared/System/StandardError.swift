/// The process's standard error stream, where logs go.
public enum StandardError {
    /// Writes all bytes with as few `write` calls as the stream allows; what cannot be written (closed stream, full
    /// disk) is dropped, because a log must not stop the program. Lines of at most 4 KB do not mix on a pipe.
    public static func write(_ bytes: [UInt8]) {
        writeAll(bytes, to: 2)
    }
}
