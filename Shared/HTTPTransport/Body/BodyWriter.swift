import HTTPCore
import Reactor

/// Writes the body of a message as it is made; each write waits until the kernel has taken it, so a slow reader holds the
/// writer back. Belongs to its connection's loop.
public final class BodyWriter {
    /// The body was longer or shorter than announced.
    public struct LengthMismatch: Error, Sendable, Equatable {
        /// The error.
        public init() {}
    }

    enum Framing {
        case length(UInt64)
        case chunked
        case untilClose
    }

    /// Bytes of the body written so far.
    public private(set) var written: UInt64 = 0
    private let connection: Connection
    private let framing: Framing
    private let timeout: Duration
    // The head goes out with the first bytes of the body.
    private var head: [UInt8]

    init(_ connection: Connection, _ framing: Framing, head: [UInt8], timeout: Duration) {
        self.connection = connection
        self.framing = framing
        self.head = head
        self.timeout = timeout
    }

    /// Sends bytes; throws `ConnectionError` when the peer is gone or does not read, `CancellationError`, or
    /// `LengthMismatch`.
    public func write(_ bytes: [UInt8]) async throws {
        try await write(bytes[...])
    }

    /// Sends the bytes of a slice; see `write`.
    public func write(_ bytes: ArraySlice<UInt8>) async throws {
        guard !bytes.isEmpty else { return }
        written += UInt64(bytes.count)
        var slices: [ArraySlice<UInt8>] = []
        if !head.isEmpty { slices.append(takeHead()) }
        switch framing {
        case .length(let length):
            guard written <= length else { throw LengthMismatch() }
            slices.append(bytes)
        case .untilClose:
            slices.append(bytes)
        case .chunked:
            var start: [UInt8] = []
            HeadSerializer.appendChunkStart(bytes.count, to: &start)
            slices.append(start[...])
            slices.append(bytes)
            slices.append(HeadSerializer.chunkEnd[...])
        }
        try await connection.send(slices, timeout: timeout)
    }

    /// Sends the head now, before there is anything of the body.
    public func flush() async throws {
        guard !head.isEmpty else { return }
        try await connection.write([takeHead()], until: deadline)
    }

    /// Ends the body.
    func finish() async throws {
        if case .length(let length) = framing, written != length { throw LengthMismatch() }
        guard case .chunked = framing else { return try await flush() }
        var slices: [ArraySlice<UInt8>] = []
        if !head.isEmpty { slices.append(takeHead()) }
        slices.append(HeadSerializer.lastChunk[...])
        try await connection.write(slices, until: deadline)
    }

    /// Whether the head has been sent, so that no other response can be.
    var hasStarted: Bool { head.isEmpty }

    private var deadline: Deadline { connection.loop.deadline(after: timeout) }

    private func takeHead() -> ArraySlice<UInt8> {
        var taken: [UInt8] = []
        swap(&taken, &head)
        return taken[...]
    }
}
