import Contracts
import EventBus
import HTTPCore
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

/// Reads a span of the request log back, one reader at a time.
final class RequestLogReader: Sendable {
    /// Entries read at once; reading more would hold too much memory.
    static let limit = 100_000
    /// For reading them.
    private static let timeout = Duration.seconds(30)

    /// What was read.
    struct Span: Sendable {
        /// In no order; each once.
        var entries: [GatewayRequest] = []
        /// Whether there were more.
        var isTruncated = false
    }

    private let kafka: KafkaConfiguration
    private let logger: Logger
    private let isReading = Atomic(false)

    init(kafka: KafkaConfiguration, logger: Logger) {
        self.kafka = kafka
        self.logger = logger
    }

    /// The entries of requests that came in a span of time. On an event loop. Throws ``Problem`` `unavailable` while another
    /// is reading, or when the broker does not answer in time.
    func read(from start: Timestamp, to end: Timestamp, on loop: EventLoop) async throws -> Span {
        guard !isReading.exchange(true, ordering: .acquiring) else {
            throw Problem(.unavailable, "another simulation is running", retryAfter: 5)
        }
        defer { isReading.store(false, ordering: .releasing) }
        let collector = Collector(start..<end)
        let consumer = try BroadcastConsumer(
            topics: [.gatewayRequests],
            from: .time(start),
            kafka: kafka,
            logger: logger,
            handler: collector.take
        )
        try consumer.run()
        let isDone = await wait(for: consumer, collector, on: loop)
        await consumer.stop()
        guard isDone else { throw Problem(.unavailable, "the request log cannot be read", retryAfter: 5) }
        return collector.span
    }

    /// False after the deadline.
    private func wait(for consumer: BroadcastConsumer, _ collector: Collector, on loop: EventLoop) async -> Bool {
        let deadline = loop.deadline(after: Self.timeout)
        while !consumer.isCaughtUp, !collector.isFull {
            guard loop.now < deadline.nanoseconds, (try? await loop.sleep(for: .milliseconds(20))) != nil else {
                return false
            }
        }
        return true
    }

    /// Keeps what comes in, without repeats. Any thread.
    private final class Collector: Sendable {
        private struct Key: Hashable {
            let gateway: String
            let sequence: Int64
        }

        private struct State {
            var span = Span()
            var known: Set<Key> = []
        }

        private let times: Range<Timestamp>
        private let state = Mutex(State())

        init(_ times: Range<Timestamp>) {
            self.times = times
        }

        var span: Span { state.withLock(\.span) }

        var isFull: Bool { state.withLock(\.span.isTruncated) }

        @Sendable func take(_ event: Event, _ position: EventPosition) {
            guard !isFull, let entry = try? event.decode(GatewayRequest.self), times.contains(entry.timestamp) else {
                return
            }
            state.withLock { state in
                guard state.span.entries.count < RequestLogReader.limit else {
                    state.span.isTruncated = true
                    return
                }
                let key = Key(gateway: entry.gatewayID, sequence: entry.sequence)
                guard state.known.insert(key).inserted else { return }
                state.span.entries.append(entry)
            }
        }
    }
}
