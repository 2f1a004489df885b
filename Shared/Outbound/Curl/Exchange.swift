import Reactor
import Synchronization

/// What the two sides of a transfer share: the client's thread fills it, one task empties it.
final class Exchange: Sendable {
    /// Bytes that may lie here; with more the transfer pauses until the task has taken them.
    static let bufferLimit = 512 << 10

    private struct State {
        var head: OutboundHead?
        var received: [UInt8] = []
        var isPaused = false
        var end: Result<Void, OutboundError>?
    }

    private let state = Mutex(State())
    private let changed = Waiter<Void>()

    // MARK: The client's thread

    /// The answer's head has come.
    func begin(_ head: OutboundHead) {
        state.withLock { $0.head = head }
        changed.resume(.success(()))
    }

    /// Takes a piece of the body; false when it is to be brought again after a pause.
    @unsafe func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isTaken = state.withLock { state in
            state.isPaused = !state.received.isEmpty && state.received.count + bytes.count > Self.bufferLimit
            if !state.isPaused { unsafe state.received.append(contentsOf: bytes) }
            return !state.isPaused
        }
        if isTaken { changed.resume(.success(())) }
        return isTaken
    }

    /// The transfer is over.
    func finish(_ result: Result<Void, OutboundError>) {
        state.withLock { $0.end = $0.end ?? result }
        changed.resume(.success(()))
    }

    // MARK: The task

    /// Whether the transfer is over.
    var isOver: Bool { state.withLock { $0.end != nil } }

    /// Waits for the answer's head; nil when the transfer has ended well without one, as mails do.
    func head() async throws -> OutboundHead? {
        while true {
            let (head, end) = state.withLock { ($0.head, $0.end) }
            if let head { return head }
            if let end {
                try end.get()
                return nil
            }
            try await changed.wait()
        }
    }

    /// All bytes that have come since the last call, once there are any; nil at the end. `resume` is called when the
    /// transfer has paused and may go on.
    func next(_ resume: () -> Void) async throws -> [UInt8]? {
        while true {
            let (bytes, wasPaused, end) = state.withLock { state in
                defer { (state.received, state.isPaused) = ([], false) }
                return (state.received, state.isPaused, state.end)
            }
            if wasPaused { resume() }
            if !bytes.isEmpty { return bytes }
            if let end {
                try end.get()
                return nil
            }
            try await changed.wait()
        }
    }
}
