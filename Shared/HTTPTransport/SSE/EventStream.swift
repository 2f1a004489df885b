public import HTTPCore
public import Reactor
import Synchronization

/// The writing end of a `text/event-stream` response (WHATWG HTML section 9.2).
///
/// Events are queued from any thread without waiting, at most `outgoingBytes`; a client that reads slower is cut off and
/// comes back with `Last-Event-ID`. A comment every 15 seconds keeps the connection open and finds clients that left.
public final class EventStream: Sendable {
    /// Time between heartbeats.
    public static let heartbeatInterval = Duration.seconds(15)
    /// Bytes of events waiting to be written.
    public static let outgoingBytes = 1024 * 1024
    /// With more waiting, who sends what is kept elsewhere waits; see ``pace(on:)``.
    private static let pacedBytes = 256 * 1024
    private static let pause = Duration.milliseconds(5)

    private struct State {
        var bytes: [UInt8] = []
        var isOver = false
        var isTooSlow = false
    }

    private let state = Mutex(State())
    private let wake = Waiter<Void>()

    init() {}

    /// Queues an event; false when the stream is over or the client too slow, which ends it.
    @discardableResult
    public func send(_ event: ServerSentEvent) -> Bool {
        var bytes: [UInt8] = []
        event.append(to: &bytes)
        return send(bytes)
    }

    /// Queues the bytes of events made once for many receivers.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isOver else { return false }
            guard state.bytes.count + bytes.count <= Self.outgoingBytes else {
                state = State(isOver: true, isTooSlow: true)
                return false
            }
            state.bytes += bytes
            return true
        }
        wake.resume(.success(()))
        return isTaken
    }

    /// Waits until little is queued or the stream is over. What was missed comes from a store faster than any client reads
    /// it: who sends that without waiting takes every client for a slow one. On the stream's loop; throws when cancelled.
    public func pace(on loop: EventLoop) async throws {
        while state.withLock({ !$0.isOver && $0.bytes.count > Self.pacedBytes }) {
            try await loop.sleep(for: Self.pause)
        }
    }

    /// Ends the stream after what is queued; the client will connect again.
    public func finish() {
        state.withLock { $0.isOver = true }
        wake.resume(.success(()))
    }

    /// True once the stream takes no more events: finished, or the client is gone or too slow.
    public var isOver: Bool { state.withLock { $0.isOver } }

    /// The client reads slower than events come.
    struct SlowConsumer: Error {}

    /// Writes until the stream is over; throws when the client is gone or too slow. On the connection's loop.
    func write(to writer: BodyWriter, on loop: EventLoop) async throws {
        defer { finish() }
        try await writer.flush()
        var heartbeat = Deadline.after(Self.heartbeatInterval)
        while true {
            let (bytes, isOver) = try take()
            if !bytes.isEmpty {
                try await writer.write(bytes)
            } else if isOver {
                return
            } else if heartbeat <= .after(.zero) {
                try await writer.write(ServerSentEvent.heartbeat)
            } else {
                do {
                    try await loop.wait(for: wake, until: heartbeat)
                } catch is DeadlineExceeded {
                    // A heartbeat is due.
                }
                continue
            }
            heartbeat = .after(Self.heartbeatInterval)
        }
    }

    private func take() throws -> ([UInt8], Bool) {
        try state.withLock { state in
            if state.isTooSlow { throw SlowConsumer() }
            defer { state.bytes = [] }
            return (state.bytes, state.isOver)
        }
    }
}

extension Response {
    /// A stream of events. `produce` runs on the loop as a task of its own and sends to the stream; the response ends when
    /// it returns. When the client leaves, is too slow, or the server drains, it is cancelled.
    public static func events(
        for request: Request,
        _ produce: @escaping (EventStream) async throws -> Void
    ) -> Response {
        let producer = LoopBound(produce, to: request.loop)
        return Response(
            .ok,
            [.contentType: "text/event-stream", .cacheControl: "no-cache, no-transform", .xAccelBuffering: "no"],
            body: .stream(length: nil) { writer in
                let stream = EventStream()
                request.onHangup { stream.finish() }
                request.onDrain { stream.finish() }
                defer {
                    request.onHangup(nil)
                    request.onDrain(nil)
                }
                try await withThrowingTaskGroup { group in
                    group.addTask(executorPreference: request.loop) {
                        defer { stream.finish() }
                        try await producer.value(stream)
                    }
                    defer { group.cancelAll() }
                    try await stream.write(to: writer, on: request.loop)
                }
            }
        )
    }
}

extension Request {
    /// The id of the last event the client got, to go on behind it; nil on a first connection.
    public var lastEventID: String? {
        guard let id = headerFields[.lastEventID], !id.isEmpty else { return nil }
        return id
    }
}
