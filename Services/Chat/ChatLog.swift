import Contracts
import EventBus
import Persistence
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

/// Writes to `chat-messages` and tells who waits what became of it, once this process has read it back. Any thread.
///
/// What is read back is durable: the broker hands out nothing that it could lose.
final class ChatLog: Sendable {
    /// Until the broker must have a record, in milliseconds; after that nothing has happened.
    static let deliveryTimeout = 3000
    /// Until a record must have come back to a caller that waits.
    private static let returnTimeout = Duration.seconds(5)
    /// Records under way at most.
    private static let maximumWaiting = 20_000

    /// Is told the verdict once, and where the record lies if it is known to be in the log; on any thread. It must be quick.
    typealias Answer = @Sendable (_ verdict: RoomLedger.Verdict, _ offset: Int64?) -> Void

    private let producer: EventProducer
    private let clock: WallClock
    private let waiting = Mutex<[Identifier: Answer]>([:])

    init(_ kafka: KafkaConfiguration, clock: WallClock, logger: Logger) throws {
        producer = try EventProducer(kafka, givesUpAfter: Self.deliveryTimeout, logger: logger)
        self.clock = clock
    }

    /// Writes a record without waiting; records of one room and one thread keep their order.
    func write(
        _ payload: some EventPayload,
        id: Identifier? = nil,
        traceparent: String? = nil,
        answer: @escaping Answer
    ) {
        let now = clock.now
        let id = id ?? .version7(at: now)
        let isRoom = waiting.withLock { waiting in
            guard waiting.count < Self.maximumWaiting else { return false }
            waiting[id] = answer
            return true
        }
        guard isRoom else { return answer(.refused(.overloaded), nil) }
        do {
            let event = try Event(payload, id: id, at: now, traceparent: traceparent)
            try producer.send(event) { [self] result in
                if case .failure = result { settle(id, .refused(.unavailable), nil) }
            }
        } catch {
            settle(id, .refused(.unavailable), nil)
        }
    }

    /// Writes a record and returns when this process has read it back; its place is noted for `Event-Position`. On an event
    /// loop. Throws ``Problem``.
    func append(
        _ payload: some EventPayload,
        id: Identifier? = nil,
        traceparent: String? = nil,
        on loop: EventLoop
    ) async throws -> RoomLedger.Receipt {
        let waiter = Waiter<(verdict: RoomLedger.Verdict, offset: Int64?)>()
        write(payload, id: id, traceparent: traceparent) { waiter.resume(.success(($0, $1))) }
        do {
            let answer = try await loop.wait(for: waiter, until: .after(Self.returnTimeout))
            if let offset = answer.offset { Self.note(payload, at: offset) }
            switch answer.verdict {
            case .accepted(let receipt): return receipt
            case .refused(let code): throw Problem(code, retryAfter: code.status == 503 ? 1 : nil)
            }
        } catch is DeadlineExceeded {
            throw Problem(.unavailable, "it may be stored and appear later: send it again", retryAfter: 1)
        }
    }

    /// Tells who waits for records of this process what became of them.
    func settle(_ decisions: [RoomLedger.Decision]) {
        for decision in decisions { settle(decision.event, decision.verdict, decision.offset) }
    }

    /// Sends what is queued, then closes. Blocks.
    func stop() { producer.stop() }

    private func settle(_ event: Identifier, _ verdict: RoomLedger.Verdict, _ offset: Int64?) {
        waiting.withLock { $0.removeValue(forKey: event) }?(verdict, offset)
    }

    private static func note<Payload: EventPayload>(_ payload: Payload, at offset: Int64) {
        let row = OutboxReceipt.Row(
            id: OutboxPosition.row(atOffset: offset),
            topic: Payload.topic.name,
            key: Array(payload.key.utf8)
        )
        OutboxReceipt.current?.note([row])
    }
}
