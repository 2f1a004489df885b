import HTTPCore
import Reactor

/// The reading half of a socket on its loop: bytes to messages, answers to pings and closes.
final class WebSocketReader {
    let connection: Connection
    private(set) var closeCode: WebSocketCloseCode?
    private var receiver: WebSocketReceiver
    private let outbox: WebSocketOutbox
    private let options: WebSocket.Options
    private let role: WebSocketRole
    private var pending: [WebSocketEvent] = []
    private var position = 0
    private var isAwaitingPong = false

    init(_ connection: Connection, outbox: WebSocketOutbox, options: WebSocket.Options, role: WebSocketRole) {
        self.connection = connection
        self.outbox = outbox
        self.options = options
        self.role = role
        receiver = WebSocketReceiver(role: role, maximumMessageBytes: options.messageBytes)
    }

    func next() async -> WebSocketMessage? {
        while closeCode == nil {
            while position < pending.count {
                position += 1
                if let message = handle(pending[position - 1]) { return message }
            }
            // A socket that waits keeps nothing of what it was told.
            (pending, position) = ([], 0)
            guard closeCode == nil, await fill() else { break }
        }
        return nil
    }

    /// Reads on until the peer has closed or the deadline comes, dropping messages.
    func finish(until deadline: Deadline) async {
        while closeCode == nil, connection.loop.now < deadline.nanoseconds {
            if position < pending.count {
                position += 1
                _ = handle(pending[position - 1])
            } else if await !fill(atMost: deadline) {
                return
            }
        }
    }

    /// Messages are returned, the rest is answered here.
    private func handle(_ event: WebSocketEvent) -> WebSocketMessage? {
        switch event {
        case .message(let message): return message
        case .ping(let payload): queue(.pong, payload)
        case .pong: break
        case .close(let code, let reason):
            closeCode = code
            outbox.close(code == .noStatus ? .normal : code, reason: reason)
        case .failure(let code):
            closeCode = code
            outbox.close(code, reason: "")
        }
        return nil
    }

    /// False when nothing more will come.
    private func fill(atMost limit: Deadline = .never) async -> Bool {
        do {
            if connection.input.isEmpty {
                let wait = isAwaitingPong ? options.pongTimeout : options.pingInterval
                let isOpen = outbox.closing == nil
                let deadline = min(.after(wait), limit)
                guard try await connection.fill(until: deadline, isIdle: isOpen) else { return end() }
            }
            isAwaitingPong = false
            let input = connection.input
            pending = receiver.receive(input.bytes.span.extracting(input.readable))
            position = 0
            connection.input.consumeAll()
            return true
        } catch ConnectionError.draining {
            outbox.close(.goingAway, reason: "the server stops")
            return true
        } catch ConnectionError.timedOut where !isAwaitingPong && outbox.closing == nil {
            isAwaitingPong = true
            queue(.ping, [])
            return true
        } catch {
            return end()
        }
    }

    /// The connection ended without a close frame.
    private func end() -> Bool {
        closeCode = outbox.closing?.code ?? .abnormal
        return false
    }

    private func queue(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
        var frame: [UInt8] = []
        WebSocketFrame.append(opcode, payload.span, mask: role.newMask(), to: &frame)
        _ = outbox.append(frame)
    }
}
