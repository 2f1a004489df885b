import Persistence
import Synchronization
import System
import TestSupport
import Testing

@testable import EventBus

/// A service that moves to another cluster, and one that reads its log once more.
@Suite(.serialized) struct MoveTests {
    private static let greetings = (0..<20).map { Greeting(id: "same", text: String($0)) }

    /// Consumes what is published until `count` greetings are there, and stops drained.
    private func run(_ rig: Rig, _ count: Int, adopts: Bool = false) async throws -> EventError? {
        let (relay, consumer) = (try rig.relay(), try rig.consumer())
        var start = EventConsumer.Start()
        start.adoptsCluster = adopts
        try relay.start()
        try consumer.start(start)
        let isThere = try await eventually {
            let isEmpty = try await rig.outboxCount() == 0
            let isDone = try await rig.texts().count >= count && isEmpty
            return consumer.failure != nil || isDone && consumer.isCaughtUp
        }
        #expect(isThere)
        await consumer.stop()
        await relay.stop()
        return consumer.failure
    }

    /// Sends records of the test topic, all of one partition, to another broker as they are.
    private func copy(_ records: [KafkaRecord], to rig: Rig) async throws {
        let role = KafkaConfiguration.reliableProducer
        let producer = try KafkaProducer(rig.broker.configuration, role: role, logger: quiet)
        let sent = Atomic<Int>(0)
        for record in records {
            let message = ProducerMessage(
                topic: record.topic,
                key: record.key,
                headers: record.headers,
                value: record.value
            )
            try producer.produce(message) { _ in sent.wrappingAdd(1, ordering: .relaxed) }
        }
        #expect(try await eventually { sent.load(ordering: .relaxed) == records.count })
        producer.stop(flushMilliseconds: 1000)
    }

    private func records(_ rig: Rig, _ count: Int) throws -> [KafkaRecord] {
        let reader = try KafkaConsumer(rig.broker.configuration, group: nil, logger: quiet)
        defer { reader.close() }
        try reader.assign(KafkaPartitions((0..<3).map { (Rig.topic.name, $0, 0) }))
        var records: [KafkaRecord] = []
        for _ in 0..<200 where records.count < count {
            if case .record(let record) = reader.poll(milliseconds: 100) { records.append(record) }
        }
        return records
    }

    @Test func `on a cluster that begins anew every new record takes effect`() async throws {
        let folder = try TemporaryDirectory()
        var rig = try Rig(folder: folder.path)
        try await rig.publish(Self.greetings)
        #expect(try await run(rig, 20) == nil)
        rig = try rig.onAnotherBroker()
        #expect(try await run(rig, 20)?.code == .otherCluster)
        try await rig.publish([Greeting(id: "same", text: "new")])
        #expect(try await run(rig, 21, adopts: true) == nil)
        #expect(try await rig.texts().suffix(2) == ["19", "new"])
        #expect(try await run(rig, 21) == nil)
        await rig.database.close()
    }

    @Test func `on a copy of the cluster the group goes on at its place`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        try await rig.publish(Self.greetings)
        #expect(try await run(rig, 20) == nil)
        let next = try rig.onAnotherBroker()
        try await copy(try records(rig, 20), to: next)
        try await next.database.write { _ = try $0.execute("DELETE FROM inbox") }
        try await next.publish([Greeting(id: "same", text: "new")])
        #expect(try await run(next, 21, adopts: true) == nil)
        #expect(try await next.texts() == (0..<20).map(String.init) + ["new"])
        await next.database.close()
    }

    @Test func `a log that is neither is refused`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        try await rig.publish(Self.greetings)
        #expect(try await run(rig, 20) == nil)
        let next = try rig.onAnotherBroker()
        let foreign = try records(rig, 20).map { record in
            KafkaRecord(
                topic: record.topic,
                partition: record.partition,
                offset: record.offset,
                timestamp: record.timestamp,
                key: record.key,
                headers: [],
                value: record.value
            )
        }
        try await copy(foreign + foreign, to: next)
        #expect(try await run(next, 21, adopts: true)?.code == .otherCluster)
        #expect(try await next.texts().count == 20)
        await next.database.close()
    }

    @Test func `what was applied, and no more, is applied once more from the log`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        try await rig.publish((0..<100).map { Greeting(id: String($0), text: "a") })
        #expect(try await run(rig, 100) == nil)
        let relay = try rig.relay()
        try relay.start()
        try await rig.publish([Greeting(id: "later", text: "b")])
        #expect(try await eventually { try await rig.outboxCount() == 0 })
        await relay.stop()

        let (cluster, places) = try await rig.database.read { connection in
            let cluster = try #require(try connection.offsetClusters(group: "g").first)
            return (cluster, try connection.offsets(cluster: cluster, group: "g"))
        }
        let before = try await rig.rows()
        let again = try rig.copied(to: folder.path + "/again.db")
        try await again.database.write { transaction in
            try transaction.forgetApplied(by: "g")
            try transaction.execute("DELETE FROM greetings")
        }
        try await again.consumer().replay(upTo: places, ofCluster: cluster)
        #expect(try await again.rows() == before && before.count == 100)
        let error = await #expect(throws: EventError.self) {
            try await again.consumer().replay(upTo: places, ofCluster: "another")
        }
        #expect(error?.code == .otherCluster)
        await again.database.close()
        await rig.database.close()
    }
}

extension Rig {
    /// The same database over another broker.
    fileprivate func onAnotherBroker() throws -> Rig {
        let other = try MockBroker()
        other.create([Rig.topic, Rig.topic.deadLetters(of: "g"), Rig.topic.redrive(of: "g")])
        return Rig(broker: other, database: database, path: path)
    }

    /// The same broker with a database that is still empty.
    fileprivate func copied(to path: String) throws -> Rig {
        Rig(broker: broker, database: try Rig.open(path), path: path)
    }

    fileprivate func rows() async throws -> Set<String> {
        let rows = try await database.read { connection in
            try connection.rows("SELECT id, text FROM greetings") { "\(try $0[0] as String) \(try $0[1] as String)" }
        }
        return Set(rows)
    }
}
