import Glibc

/// A failed system call: which one, on what, and its `errno`.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call that failed, such as `open` or `fdatasync`.
    public let operation: String
    /// What it was called on, a path or an address; empty when there is nothing to name.
    public let subject: String
    /// The value of `errno` right after the call.
    public let code: Int32

    /// Makes an error from a known code.
    public init(operation: String, subject: String = "", code: Int32) {
        self.operation = operation
        self.subject = subject
        self.code = code
    }

    /// Reads `errno`: call it on the thread of the failed call, before anything else.
    public static func last(_ operation: String, _ subject: String = "") -> SystemError {
        SystemError(operation: operation, subject: subject, code: errno)
    }

    /// `open /data/x: No such file or directory (2)`.
    public var description: String {
        let text = unsafe String(cString: strerror(code))
        return "\(operation)\(subject.isEmpty ? "" : " " + subject): \(text) (\(code))"
    }
}
