import CRdKafka
import Persistence
import Synchronization
import System
import TestSupport
import Testing

@testable import EventBus

/// A broker, a database with a table of greetings, a relay and a consumer of one group.
struct Rig {
    static let topic = Topic("test-events", partitions: 3)
    let broker: MockBroker
    let database: Database
    let path: String

    init(broker: MockBroker, database: Database, path: String) {
        self.broker = broker
        self.database = database
        self.path = path
    }

    init(folder: String) throws {
        broker = try MockBroker()
        broker.create([Rig.topic, Rig.topic.deadLetters(of: "g"), Rig.topic.redrive(of: "g")])
        path = folder + "/test.db"
        database = try Rig.open(path)
    }

    static func open(_ path: String) throws -> Database {
        let table = "CREATE TABLE greetings (number INTEGER PRIMARY KEY, id TEXT NOT NULL, text TEXT NOT NULL) STRICT"
        return try Database.open(.init(path: path), migrations: [Migration(1, "greetings", table)])
    }

    func consumer(
        policy: EventConsumer.FailurePolicy = .deadLetter,
        positions: AppliedPositions = AppliedPositions(),
        ignoring ignored: Set<String> = [],
        handler: @escaping EventConsumer.Handler = Rig.store
    ) throws -> EventConsumer {
        var settings = EventConsumer.Configuration(group: "g", topics: [Rig.topic], failurePolicy: policy)
        settings.ignored = ignored
        return try EventConsumer(
            settings,
            database: database,
            kafka: broker.configuration,
            logger: quiet,
            positions: positions,
            handler: handler
        )
    }

    func relay() throws -> OutboxRelay {
        try OutboxRelay(database: database, configuration: broker.configuration, logger: quiet)
    }

    func publish(_ greetings: [Greeting]) async throws {
        try await database.write { transaction in
            for greeting in greetings {
                try transaction.publish(Event(greeting, at: Timestamp(milliseconds: 1_742_378_400_000)))
            }
        }
    }

    static let store: EventConsumer.Handler = { event, transaction in
        let greeting = try event.decode(Greeting.self)
        try transaction.execute("INSERT INTO greetings (id, text) VALUES (\(greeting.id), \(greeting.text))")
    }

    func texts() async throws -> [String] {
        try await database.read { try $0.rows("SELECT text FROM greetings ORDER BY number") { try $0[0] as String } }
    }

    func outboxCount() async throws -> Int {
        try await database.read { try $0.outboxCount() }
    }
}

/// Waits until the condition holds, at most 20 s.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = MonotonicClock.nanoseconds + 20_000_000_000
    while MonotonicClock.nanoseconds < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

@Suite(.serialized) struct DeliveryTests {
    @Test func `what a transaction publishes takes effect once at the consumer, in order of its key`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        let consumer = try rig.consumer()
        try await rig.publish((0..<300).map { Greeting(id: "same", text: String($0)) })
        try relay.start()
        try consumer.start()
        #expect(try await eventually { try await rig.texts().count >= 300 })
        #expect(try await rig.texts() == (0..<300).map(String.init))
        #expect(try await eventually { try await rig.outboxCount() == 0 })
        #expect(try await eventually { consumer.isCaughtUp })
        await consumer.stop()
        await relay.stop()
        await rig.database.close()
    }

    @Test func `what is ignored never reaches the handler, and holds nothing else up`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        try relay.start()
        for round in 0..<2 {
            let consumer = try rig.consumer(ignoring: [Greeting.type]) { event, transaction in
                #expect(event.type != Greeting.type)
                let told = try event.decode(Farewell.self)
                try transaction.execute("INSERT INTO greetings (id, text) VALUES (\(told.id), \(told.text))")
            }
            try consumer.start()
            let count = 40 * (round + 1)
            for number in 0..<40 {
                try await rig.publish([Greeting(id: "same", text: "x")])
                let told = Farewell(id: "same", text: String(number))
                try await rig.database.write { try $0.publish(Event(told, at: Timestamp(milliseconds: 0))) }
            }
            #expect(try await eventually { try await rig.texts().count >= count })
            await consumer.stop()
            #expect(try await rig.texts().count == count)
        }
        await relay.stop()
        await rig.database.close()
    }

    /// Another type on the topic of greetings.
    private struct Farewell: EventPayload {
        static let type = "test.parted"
        static let topic = Greeting.topic
        static let source = Greeting.source
        let id: String
        let text: String
        var key: String { id }
    }

    @Test func `an undone transaction publishes nothing`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        struct Undo: Error {}
        await #expect(throws: Undo.self) {
            try await rig.database.write { transaction in
                try transaction.publish(Event(Greeting(id: "1", text: ""), at: Timestamp(milliseconds: 0)))
                throw Undo()
            }
        }
        #expect(try await rig.outboxCount() == 0)
        await rig.database.close()
    }

    @Test func `a consumer goes on after a restart without repeating`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        try relay.start()
        for round in 1...2 {
            let consumer = try rig.consumer()
            try consumer.start()
            try await rig.publish((0..<10).map { Greeting(id: String($0), text: "\(round)") })
            #expect(try await eventually { try await rig.texts().count >= round * 10 })
            await consumer.stop()
        }
        #expect(try await rig.texts().count == 20)
        await relay.stop()
        await rig.database.close()
    }

    @Test func `a record that fails goes to the dead letters and the partition goes on`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        let consumer = try rig.consumer { event, transaction in
            struct Bad: Error {}
            if try event.decode(Greeting.self).text == "bad" { throw Bad() }
            try Rig.store(event, transaction)
        }
        let letters = Mutex<[String?]>([])
        let reader = try KafkaConsumer(rig.broker.configuration, group: nil, logger: quiet)
        try relay.start()
        try consumer.start()
        try await rig.publish(["a", "bad", "b"].map { Greeting(id: "same", text: $0) })
        #expect(try await eventually { try await rig.texts() == ["a", "b"] })
        #expect(try await eventually { try await rig.outboxCount() == 0 })
        try reader.assign(KafkaPartitions([(Rig.topic.deadLetters(of: "g").name, 0, 0)]))
        #expect(
            try await eventually {
                guard case .record(let record) = reader.poll(milliseconds: 100) else { return false }
                letters.withLock { $0 = record.headers.filter { $0.name == "dlq.topic" }.map(\.text) }
                return true
            }
        )
        #expect(letters.withLock(\.self) == ["test-events"])
        reader.close()
        await consumer.stop()
        await relay.stop()
        await rig.database.close()
    }

    @Test func `a failure that passes is tried again`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        let attempts = Atomic<Int>(0)
        let consumer = try rig.consumer { event, transaction in
            guard attempts.wrappingAdd(1, ordering: .relaxed).newValue > 3 else {
                throw TransientFailure("not yet")
            }
            try Rig.store(event, transaction)
        }
        try relay.start()
        try consumer.start()
        try await rig.publish([Greeting(id: "1", text: "late")])
        #expect(try await eventually { try await rig.texts() == ["late"] })
        await consumer.stop()
        await relay.stop()
        await rig.database.close()
    }

    @Test func `a halting consumer stops before the record it cannot handle`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        let consumer = try rig.consumer(policy: .halt) { _, _ in
            struct Bad: Error {}
            throw Bad()
        }
        try relay.start()
        try consumer.start()
        try await rig.publish([Greeting(id: "1", text: "money")])
        #expect(try await eventually { consumer.failure?.code == .halted })
        let offsets = try await rig.database.read { try $0.offsetClusters(group: "g") }
        #expect(offsets.isEmpty)
        await consumer.stop()
        await relay.stop()
        await rig.database.close()
    }

    @Test func `offsets of another cluster are refused`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        try await rig.database.write { transaction in
            try transaction.setOffset(
                ConsumerOffset(topic: "test-events", partition: 0, next: 5),
                cluster: "elsewhere",
                group: "g"
            )
        }
        let consumer = try rig.consumer()
        try consumer.start()
        #expect(try await eventually { consumer.failure?.code == .otherCluster })
        await consumer.stop()
        await rig.database.close()
    }

    @Test func `an offset beyond the log of facts is refused`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let admin = TopicAdmin(rig.broker.configuration, logger: quiet)
        let cluster = try #require(try await admin.clusterID())
        try await rig.database.write { transaction in
            try transaction.setOffset(
                ConsumerOffset(topic: "test-events", partition: 0, next: 5),
                cluster: cluster,
                group: "g"
            )
        }
        let consumer = try rig.consumer()
        try consumer.start()
        #expect(try await eventually { consumer.failure?.code == .gap })
        await consumer.stop()
        await rig.database.close()
    }

    @Test func `every broadcast consumer sees every event from the start it asked for`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let relay = try rig.relay()
        try relay.start()
        try await rig.publish([Greeting(id: "1", text: "old")])
        #expect(try await eventually { try await rig.outboxCount() == 0 })
        let seen = Mutex<[String: [String]]>([:])
        let consumers = try [("all", BroadcastConsumer.Start.beginning), ("new", .end)].map { name, start in
            try BroadcastConsumer(
                topics: [Rig.topic],
                from: start,
                kafka: rig.broker.configuration,
                logger: quiet
            ) { event, _ in
                let text = (try? event.decode(Greeting.self).text) ?? "?"
                seen.withLock { $0[name, default: []].append(text) }
            }
        }
        for consumer in consumers { try consumer.run() }
        #expect(try await eventually { consumers.allSatisfy(\.isCaughtUp) })
        try await rig.publish([Greeting(id: "2", text: "new")])
        #expect(try await eventually { seen.withLock { $0["new"]?.count == 1 && $0["all"]?.count == 2 } })
        #expect(seen.withLock(\.self) == ["all": ["old", "new"], "new": ["new"]])
        for consumer in consumers { await consumer.stop() }
        await relay.stop()
        await rig.database.close()
    }
}
