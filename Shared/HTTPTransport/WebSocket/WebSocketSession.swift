import HTTPCore
import Reactor

/// Runs a socket over a connection whose handshake is done: the body reads, a second task of the loop writes.
enum WebSocketSession {
    /// How long the peer may take to close its side at the end.
    private static let lingerTimeout = Duration.seconds(2)

    /// Returns when the connection is closed. When the body ends first, the socket is closed with 1000; when it throws,
    /// with 1011. On the connection's loop.
    static func run(
        _ connection: Connection,
        role: WebSocketRole,
        subprotocol: String?,
        options: WebSocket.Options,
        _ body: (WebSocket) async throws -> Void
    ) async {
        let outbox = WebSocketOutbox(maximumBytes: options.outgoingBytes)
        let reader = WebSocketReader(connection, outbox: outbox, options: options, role: role)
        let socket = WebSocket(reader, outbox: outbox, role: role, subprotocol: subprotocol)
        let bound = LoopBound(connection, to: connection.loop)
        // Not a child: a task group takes 700 bytes of a socket that waits.
        let writer = Task(executorPreference: connection.loop) {
            await write(outbox, to: bound.value, role: role, options: options)
        }
        do {
            try await body(socket)
            socket.close(.normal)
        } catch {
            socket.close(.internalError)
        }
        await reader.finish(until: .after(options.closeTimeout))
        outbox.finished.resume(.success(()))
        if Task.isCancelled { writer.cancel() }
        await writer.value
        outbox.end()
        await connection.lingeringClose(until: .after(role == .server ? Self.lingerTimeout : .zero))
    }

    /// Writes what is queued until the close frame is out and the peer's has come, or its time is up.
    private static func write(
        _ outbox: WebSocketOutbox,
        to connection: Connection,
        role: WebSocketRole,
        options: WebSocket.Options
    ) async {
        do {
            while true {
                switch outbox.next() {
                case .wait: try await outbox.wake.wait()
                case .write(let frames) where frames.count == 1:
                    try await connection.write(frames[0], until: .after(options.writeTimeout))
                case .write(let frames):
                    try await connection.write(frames.map { $0[...] }, until: .after(options.writeTimeout))
                case .close(let code, let reason):
                    let payload = WebSocketFrame.closePayload(code.isSendable ? code : .normal, reason: reason)
                    var frame: [UInt8] = []
                    WebSocketFrame.append(.close, payload.span, mask: role.newMask(), to: &frame)
                    try await connection.write(frame, until: .after(options.writeTimeout))
                    outbox.end()
                    try await connection.loop.wait(for: outbox.finished, until: .after(options.closeTimeout))
                    return
                }
            }
        } catch {
            // The peer is gone or does not read; closing tells the reading task.
            outbox.end()
            connection.close()
        }
    }
}
