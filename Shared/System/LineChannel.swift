import Glibc

/// One end of a socket pair that carries lines of text, between a process and a child that it started.
///
/// Rule: one thread at a time. Blocks: never on an event loop or in a task.
public final class LineChannel: Sendable {
    /// The longest line in bytes.
    public static let maximumLength = 64 << 10

    let descriptor: Int32
    private let ownsDescriptor: Bool

    private init(_ descriptor: Int32, owned: Bool) {
        self.descriptor = descriptor
        self.ownsDescriptor = owned
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// Two ends that are connected; children inherit neither but the one they are started with.
    public static func pair() throws -> (LineChannel, LineChannel) {
        var descriptors: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &descriptors) == 0 else { throw SystemError.last("socketpair") }
        return (LineChannel(descriptors[0], owned: true), LineChannel(descriptors[1], owned: true))
    }

    /// The end that this process was started with.
    public static let inherited = LineChannel(0, owned: false)

    /// Closes the inherited end: for a forked child that is not to speak for its parent.
    public static func closeInherited() { close(0) }

    /// Ends the talk: the other process sees its end.
    public func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends a line; the text has no line break. Fails with `EPIPE` when the other process is gone.
    public func send(_ line: String) throws {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.send(descriptor, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { sent += count } else if errno != EINTR { throw SystemError.last("send") }
        }
    }

    /// The next line without its break; nil when none began within the time. A negative time waits for ever.
    ///
    /// Reads byte by byte, so that nothing is kept here: lines are few and short.
    /// - Throws: `EPIPE` when the other end is closed, `EMSGSIZE` for a line without end.
    public func receive(withinMilliseconds milliseconds: Int32 = -1) throws -> String? {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&poller, 1, milliseconds)
        if ready == 0 || (ready < 0 && errno == EINTR) { return nil }
        guard ready > 0 else { throw SystemError.last("poll") }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < Self.maximumLength {
            let count = unsafe read(descriptor, &byte, 1)
            if count == 0 { throw SystemError(operation: "read", code: EPIPE) }
            if count < 0 {
                guard errno == EINTR else { throw SystemError.last("read") }
                continue
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw SystemError(operation: "read", code: EMSGSIZE)
    }
}

extension SystemError {
    /// The process at the other end of a channel is gone.
    public var isChannelClosed: Bool { code == EPIPE || code == ECONNRESET }
}
