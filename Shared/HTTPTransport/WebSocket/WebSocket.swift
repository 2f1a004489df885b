public import HTTPCore
public import Reactor

/// One side of an open WebSocket (RFC 6455).
///
/// Sending and closing work from any thread and never wait: frames are queued, at most `outgoingBytes`, and a peer that
/// reads slower is closed with 4408. Messages are read with `next` (or `for await`) by one task on the socket's loop, and
/// that task must keep reading: pings, the peer's close and a drain are seen there.
public final class WebSocket: Sendable {
    /// Limits and times of a socket.
    public struct Options: Sendable {
        /// Bytes of one message from the peer; more is closed with 1009.
        public var messageBytes = 64 * 1024
        /// Bytes of frames waiting to be written.
        public var outgoingBytes = 1024 * 1024
        /// Silence after which the peer is asked whether it is there.
        public var pingInterval = Duration.seconds(25)
        /// How long it has to show that it is.
        public var pongTimeout = Duration.seconds(10)
        /// How long one write may take.
        public var writeTimeout = Duration.seconds(30)
        /// How long the peer has to answer a close.
        public var closeTimeout = Duration.seconds(5)

        /// The values in use.
        public init() {}
    }

    /// With more waiting, who sends what is kept elsewhere waits; see ``pace(on:)``.
    private static let pacedBytes = 256 * 1024
    private static let pause = Duration.milliseconds(5)

    /// The sub-protocol in use; nil for none.
    public let subprotocol: String?
    let outbox: WebSocketOutbox
    private let role: WebSocketRole
    private let reader: LoopBound<WebSocketReader>

    /// On the connection's loop.
    init(_ reader: WebSocketReader, outbox: WebSocketOutbox, role: WebSocketRole, subprotocol: String?) {
        self.reader = LoopBound(reader, to: reader.connection.loop)
        self.outbox = outbox
        self.role = role
        self.subprotocol = subprotocol
    }

    /// Queues a message; false when the socket is closing or its queue is full, which closes it.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> Bool {
        switch message {
        case .text(let text): send(.text, Array(text.utf8))
        case .binary(let bytes): send(.binary, bytes)
        }
    }

    /// Queues a text message; see `send(_:)`.
    @discardableResult
    public func send(_ text: String) -> Bool { send(.text, Array(text.utf8)) }

    /// Queues a frame made by `WebSocketFrame.encode`, so that many receivers share its bytes. Servers only.
    @discardableResult
    public func send(frame: [UInt8]) -> Bool { outbox.append(frame) }

    /// Bytes that wait to be written: of a peer that keeps up, none for long.
    public var queuedBytes: Int { outbox.queuedBytes }

    /// Waits until little is queued or the socket is closing, as ``EventStream/pace(on:)``. On the socket's loop.
    public func pace(on loop: EventLoop) async throws {
        while queuedBytes > Self.pacedBytes { try await loop.sleep(for: Self.pause) }
    }

    /// Closes after what is queued. `next` then ends as soon as the peer has answered. The first close counts.
    public func close(_ code: WebSocketCloseCode, reason: String = "") {
        outbox.close(code, reason: reason)
    }

    /// The next message; nil when the socket is closed by either side, broken or silent for too long. On the loop.
    public func next() async -> WebSocketMessage? { await reader.value.next() }

    /// Why the socket ended: the peer's code, or what this side found. Nil before `next` has returned nil. On the loop.
    public var closeCode: WebSocketCloseCode? { reader.value.closeCode }

    private func send(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> Bool {
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 14)
        WebSocketFrame.append(opcode, payload.span, mask: role.newMask(), to: &frame)
        return outbox.append(frame)
    }
}

extension WebSocket: AsyncSequence {
    /// Reads the socket's messages.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let socket: WebSocket

        /// The next message; see `WebSocket.next`.
        public func next() async -> WebSocketMessage? { await socket.next() }
    }

    /// One iteration at a time.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: self) }
}

extension WebSocketRole {
    /// Clients mask every frame with a fresh key (RFC 6455 section 5.3).
    func newMask() -> UInt32? { self == .client ? UInt32.random(in: 0...UInt32.max) : nil }
}
