import HTTPCore
import Reactor
import Synchronization

/// The frames one socket still has to write, bounded: what does not fit ends the socket as a slow consumer.
///
/// Filled from any thread; the writer task of the socket's loop empties it.
final class WebSocketOutbox: Sendable {
    private struct State {
        var frames: [[UInt8]] = []
        var bytes = 0
        var closing: (code: WebSocketCloseCode, reason: String)?
        var isOver = false
    }

    /// What the writer has to do next.
    enum Work {
        case write([[UInt8]])
        case close(WebSocketCloseCode, reason: String)
        case wait
    }

    /// Set when there is something to write.
    let wake = Waiter<Void>()
    /// Set when the reading side has ended.
    let finished = Waiter<Void>()
    private let state = Mutex(State())
    private let maximumBytes: Int

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Why this side closes, once it does.
    var closing: (code: WebSocketCloseCode, reason: String)? { state.withLock { $0.closing } }

    /// False when the socket is closing, or closes now because its queue is full.
    func append(_ frame: [UInt8]) -> Bool {
        let isTaken = state.withLock { state in
            guard state.closing == nil, !state.isOver else { return false }
            guard state.bytes + frame.count <= maximumBytes || state.frames.isEmpty else {
                // What waits will not be read in time: drop it, so that the close frame comes next.
                state.frames = []
                state.bytes = 0
                state.closing = (.slowConsumer, "slow consumer")
                return false
            }
            state.frames.append(frame)
            state.bytes += frame.count
            return true
        }
        wake.resume(.success(()))
        return isTaken
    }

    var queuedBytes: Int { state.withLock { $0.bytes } }

    /// Closes after what is queued; the first reason given stays.
    func close(_ code: WebSocketCloseCode, reason: String) {
        state.withLock { state in
            if state.closing == nil { state.closing = (code, reason) }
        }
        wake.resume(.success(()))
    }

    /// Nothing more can be written.
    func end() {
        state.withLock { state in
            state.isOver = true
            state.frames = []
            state.bytes = 0
        }
    }

    func next() -> Work {
        state.withLock { state in
            if !state.frames.isEmpty {
                defer {
                    state.frames = []
                    state.bytes = 0
                }
                return .write(state.frames)
            }
            guard !state.isOver, let closing = state.closing else { return .wait }
            return .close(closing.code, reason: closing.reason)
        }
    }
}
