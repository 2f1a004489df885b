import Glibc

/// The process's standard output stream, for what a command line tool answers.
public enum StandardOutput {
    /// Writes text and a line end at once, unbuffered; dropped when the stream is closed.
    public static func writeLine(_ line: String) {
        writeAll(Array("\(line)\n".utf8), to: 1)
    }

    /// Whether a person reads it, so that colours make sense.
    public static var isTerminal: Bool { isatty(1) == 1 }
}

/// Writes all bytes, or as many as the stream takes before it fails.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
        let written = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset)
        }
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return }
        offset += written
    }
}
