import Reactor
import Synchronization
import System
import TestSupport
import Testing

@testable import EventBus

/// Jobs without a database, against a broker in memory.
@Suite(.serialized) struct JobConsumerTests {
    private static let (group, topic) = ("g", Topic("test-events", partitions: 3))

    /// What handlers were asked to do.
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock(\.self) }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Bad: Error {}

    /// A broker, a loop and a consumer while `body` runs.
    private func with(
        _ handler: @escaping JobConsumer.Handler,
        _ body: (MockBroker, EventProducer) async throws -> Void
    ) async throws {
        let broker = try MockBroker()
        let (topic, group) = (Self.topic, Self.group)
        broker.create([topic, topic.deadLetters(of: group), topic.redrive(of: group)])
        let loops = try EventLoopGroup(count: 1)
        let producer = try EventProducer(broker.configuration, logger: quiet)
        let consumer = try JobConsumer(
            group: group,
            topics: [topic],
            kafka: broker.configuration,
            producer: producer,
            logger: quiet,
            handler: handler
        )
        try consumer.start(on: loops.next())
        try await body(broker, producer)
        await consumer.stop()
        producer.stop()
        loops.shutdown()
    }

    private func send(_ texts: [String], key: String, by producer: EventProducer) async throws {
        for text in texts {
            try await producer.send(Event(Greeting(id: key, text: text), at: Timestamp(milliseconds: 0)))
        }
    }

    @Test func `a job that fails is tried again before the next of its partition`() async throws {
        let log = Log()
        let handler: JobConsumer.Handler = { event, attempt in
            let text = try event.decode(Greeting.self).text
            log.add("\(text) \(attempt)")
            if text == "hard", attempt < 3 { throw Bad() }
        }
        try await with(handler) { _, producer in
            try await send(["easy", "hard", "last"], key: "same", by: producer)
            #expect(try await eventually { log.all.last == "last 1" })
            #expect(log.all == ["easy 1", "hard 1", "hard 2", "hard 3", "last 1"])
        }
    }

    @Test func `what cannot be decoded goes to the dead letters, and comes back by the redrive topic`() async throws {
        let log = Log()
        let handler: JobConsumer.Handler = { event, _ in
            log.add("\(event.topic) \(try event.decode(Greeting.self).text)")
        }
        try await with(handler) { broker, producer in
            let good = try Event(Greeting(id: "same", text: "good"), at: Timestamp(milliseconds: 0))
            var message = ProducerMessage(good)
            message = ProducerMessage(
                topic: message.topic,
                key: message.key,
                headers: message.headers,
                value: Array("{".utf8)
            )
            try await producer.send(message)
            try await producer.send(ProducerMessage(topic: good.topic, key: message.key, headers: [], value: nil))
            try await send(["after"], key: "same", by: producer)
            #expect(try await eventually { log.all == ["test-events after"] })
            let letters = try await letters(broker, count: 2)
            #expect(letters.map(\.value) == [message.value, nil])
            for letter in letters {
                let named = Dictionary(letter.headers.map { ($0.name, $0.text ?? "") }) { $1 }
                #expect(named["dlq.topic"] == "test-events" && named["dlq.group"] == "g")
                #expect(named["dlq.error"]?.hasPrefix("undecodable") == true)
            }
            let again = ProducerMessage(
                topic: Self.topic.redrive(of: Self.group).name,
                key: message.key,
                headers: message.headers,
                value: good.value
            )
            try await producer.send(again)
            #expect(try await eventually { log.all.last == "test-events good" })
        }
    }

    private func letters(_ broker: MockBroker, count: Int) async throws -> [KafkaRecord] {
        let reader = try KafkaConsumer(broker.configuration, group: nil, logger: quiet)
        defer { reader.close() }
        try reader.assign(KafkaPartitions([(Self.topic.deadLetters(of: Self.group).name, 0, 0)]))
        var found: [KafkaRecord] = []
        _ = try await eventually {
            if case .record(let record) = reader.poll(milliseconds: 100) { found.append(record) }
            return found.count == count
        }
        return found
    }

    @Test func `a stopped consumer's jobs are taken up where it left off`() async throws {
        let log = Log()
        let handler: JobConsumer.Handler = { event, _ in log.add(try event.decode(Greeting.self).text) }
        let broker = try MockBroker()
        broker.create([Self.topic, Self.topic.deadLetters(of: Self.group), Self.topic.redrive(of: Self.group)])
        let loops = try EventLoopGroup(count: 1)
        let producer = try EventProducer(broker.configuration, logger: quiet)
        for round in 1...2 {
            let consumer = try JobConsumer(
                group: Self.group,
                topics: [Self.topic],
                kafka: broker.configuration,
                producer: producer,
                logger: quiet,
                handler: handler
            )
            try consumer.start(on: loops.next())
            try await send((0..<5).map { "\(round).\($0)" }, key: "same", by: producer)
            #expect(try await eventually { log.all.last == "\(round).4" })
            await consumer.stop()
        }
        #expect(log.all.count == 10, "\(log.all)")
        producer.stop()
        loops.shutdown()
    }
}
