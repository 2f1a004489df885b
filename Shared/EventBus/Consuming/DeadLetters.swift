import Synchronization
import System
public import Telemetry

/// A topic of dead letters.
public struct DeadLetterTopic: Sendable, Equatable {
    /// Its name: `<source>.<group>.dlq`.
    public let topic: String
    /// Where the records came from.
    public let source: String
    /// The group that could not handle them.
    public let group: String
    /// Records that it holds.
    public let records: Int64
    /// Those of them that were not sent back yet.
    public let pending: Int64
}

/// The dead letters of all groups, and how they are sent back. Every method makes clients of its own and blocks, at most
/// some seconds: not on an event loop.
///
/// How far a topic has been sent back is an offset of the group ``group``. It is committed behind the records, so one that
/// was sent may be sent again: consumers drop the repeat by its id.
public struct DeadLetters: Sendable {
    /// The group whose offsets tell what has been sent back.
    public static let group = "redrive"
    /// Records that ``redrive(_:limit:)`` sends at most.
    public static let limit = 1000
    private static let byteLimit = 16 << 20
    private static let timeoutMilliseconds: Int32 = 3000
    private static let deliveryMilliseconds: Int32 = 10_000
    private static let suffix = ".dlq"

    private let kafka: KafkaConfiguration
    private let logger: Logger

    /// The dead letters of a cluster.
    public init(_ configuration: KafkaConfiguration, logger: Logger) {
        kafka = configuration
        self.logger = logger
    }

    /// All topics of dead letters, by name.
    public func topics() throws(EventError) -> [DeadLetterTopic] {
        try KafkaConsumer.once(kafka, member: Self.group, logger: logger) { consumer throws(EventError) in
            let all = try consumer.client.describeTopics(timeoutMilliseconds: Self.timeoutMilliseconds)
            let names = all.map(\.name).filter { Self.parts(of: $0) != nil }
            guard !names.isEmpty else { return [] }
            let bounds = try Self.bounds(of: names, consumer)
            return names.compactMap { name in
                guard let (source, group) = Self.parts(of: name), let bound = bounds[name] else { return nil }
                return DeadLetterTopic(
                    topic: name,
                    source: source,
                    group: group,
                    records: bound.end - bound.start,
                    pending: bound.end - bound.next
                )
            }
        }
    }

    /// Sends records of a topic of dead letters, the oldest first, to the group that could not handle them, and returns how
    /// many, and how many are left, when the broker has them all; nil when there is no such topic.
    public func redrive(_ topic: String, limit: Int) throws(EventError) -> (sent: Int, pending: Int64)? {
        guard let (source, group) = Self.parts(of: topic) else { return nil }
        return try KafkaConsumer.once(kafka, member: Self.group, logger: logger) { consumer throws(EventError) in
            let all = try consumer.client.describeTopics(timeoutMilliseconds: Self.timeoutMilliseconds)
            guard all.contains(where: { $0.name == topic }), let bound = try Self.bounds(of: [topic], consumer)[topic]
            else { return nil }
            guard bound.next < bound.end else { return (0, 0) }
            let records = try consumer.records(
                of: topic,
                partition: 0,
                from: bound.next,
                limit: min(limit, Self.limit),
                byteLimit: Self.byteLimit
            )
            guard let last = records.last else { return (0, bound.end - bound.next) }
            let target = Topic(source).redrive(of: group)
            let timeout = Self.timeoutMilliseconds
            try consumer.client.ensure([target], copies: kafka.copies, timeoutMilliseconds: timeout)
            try send(records, to: target)
            try consumer.commit(KafkaPartitions([(topic, 0, last.offset + 1)]))
            return (records.count, max(0, bound.end - last.offset - 1))
        }
    }

    /// `<source>.<group>.dlq`; neither source nor group holds a dot.
    private static func parts(of name: String) -> (source: String, group: String)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.hasSuffix(suffix), parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    private struct Bound {
        var start: Int64
        var next: Int64
        var end: Int64
    }

    private static func bounds(of topics: [String], _ consumer: KafkaConsumer) throws(EventError) -> [String: Bound] {
        let places = KafkaPartitions(topics.map { ($0, 0, 0) })
        let starts = try consumer.starts(of: places, timeoutMilliseconds: timeoutMilliseconds).offsets
        let ends = try consumer.ends(of: places, timeoutMilliseconds: timeoutMilliseconds).offsets
        let sent = try consumer.committed(of: places, timeoutMilliseconds: timeoutMilliseconds).offsets
        return topics.reduce(into: [:]) { bounds, topic in
            let place = EventPosition.Partition(topic: topic, partition: 0)
            let start = starts[place] ?? 0
            let end = max(start, ends[place] ?? start)
            bounds[topic] = Bound(start: start, next: min(max(start, sent[place] ?? start), end), end: end)
        }
    }

    private func send(_ records: [KafkaRecord], to target: Topic) throws(EventError) {
        var role = KafkaConfiguration.reliableProducer
        role["message.timeout.ms"] = String(Self.deliveryMilliseconds)
        let producer: KafkaProducer
        do {
            producer = try KafkaProducer(kafka, role: role, hasThread: false, logger: logger)
        } catch {
            throw EventError(.broker, "\(error)")
        }
        defer { producer.stop(flushMilliseconds: 0) }
        let delivered = Deliveries()
        for record in records {
            let message = ProducerMessage(
                topic: target.name,
                key: record.key,
                headers: record.headers,
                value: record.value
            )
            try producer.produce(message, completion: delivered.take)
        }
        producer.flush(milliseconds: Self.deliveryMilliseconds)
        try delivered.check(records.count)
    }

    /// What the broker said of the records that were sent.
    private final class Deliveries: Sendable {
        private let state = Mutex((count: 0, failure: EventError?.none))

        @Sendable func take(_ result: Result<Int64, EventError>) {
            state.withLock { state in
                switch result {
                case .success: state.count += 1
                case .failure(let error): state.failure = error
                }
            }
        }

        /// Throws unless so many have been delivered.
        func check(_ count: Int) throws(EventError) {
            let (delivered, failure) = state.withLock { ($0.count, $0.failure) }
            guard delivered < count else { return }
            throw failure ?? EventError(.broker, "\(count - delivered) records are not delivered")
        }
    }
}
