import KafkaProtocol
import Reactor

/// Yields the bytes of a response when they can be sent; nil when the client wants none (acks=0).
typealias PendingResponse = () async throws -> [ArraySlice<UInt8>]?

/// Responses in the order of their requests, between the reading and the writing task of a connection. Belongs to its
/// loop.
final class ResponseQueue {
    /// Nil once handed out.
    private var waiting: [PendingResponse?] = []
    private var head = 0
    private var isFinished = false
    private var isAbandoned = false
    private let available = Waiter<Void>()
    private let room = Waiter<Void>()
    private var awaitsAvailable = false
    private var awaitsRoom = false

    private var count: Int { waiting.count - head }
    private var isEmpty: Bool { count == 0 }

    /// Adds a response; waits while there are as many as may be.
    func append(_ response: @escaping PendingResponse) async throws {
        while count >= Limit.pendingResponses, !isAbandoned {
            awaitsRoom = true
            try await room.wait()
        }
        guard !isAbandoned else { throw ConnectionError.closed }
        waiting.append(response)
        signalAvailable()
    }

    /// The next response; nil after the last.
    func next() async throws -> PendingResponse? {
        while isEmpty {
            if isFinished { return nil }
            awaitsAvailable = true
            try await available.wait()
        }
        let response = waiting[head]
        waiting[head] = nil
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head > Limit.pendingResponses {
            // A client that always has a request under way never empties it.
            waiting.removeFirst(head)
            head = 0
        }
        if awaitsRoom {
            awaitsRoom = false
            room.resume(.success(()))
        }
        return response
    }

    /// No response follows.
    func finish() {
        isFinished = true
        signalAvailable()
    }

    /// Nobody sends any more.
    func abandon() {
        isAbandoned = true
        if awaitsRoom {
            awaitsRoom = false
            room.resume(.success(()))
        }
    }

    private func signalAvailable() {
        guard awaitsAvailable else { return }
        awaitsAvailable = false
        available.resume(.success(()))
    }
}
