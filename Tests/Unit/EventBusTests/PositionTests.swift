import Persistence
import Reactor
import System
import TestSupport
import Testing

@testable import EventBus

@Suite struct PositionTests {
    /// The vectors of Kafka's own test (UtilsTest.testMurmur2).
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)]
    )
    func `keys are hashed as Kafka does`(key: String, hash: Int32) {
        #expect(Partitioner.murmur2(Array(key.utf8)) == UInt32(bitPattern: hash))
    }

    @Test func `a position survives as text`() {
        let stream = OutboxPosition.Stream(source: "/user", topic: "user-events", partition: 11)
        let position = OutboxPosition(stream: stream, row: 1042)
        #expect(OutboxPosition(position.description) == position)
    }

    @Test(arguments: ["", "x", "user:t:1:1", "/user::1:1", "/user:t:-1:1", "/user:t:1:0", "/user:t:1:1:1", "/u:t:1:x"])
    func `what is no position is refused`(text: String) {
        #expect(OutboxPosition(text) == nil)
    }

    @Test func `a reader waits for what was written, and a restarted consumer knows it`() async throws {
        let folder = try TemporaryDirectory()
        let rig = try Rig(folder: folder.path)
        let loops = try EventLoopGroup(count: 1)
        let loop = loops.next()
        let relay = try rig.relay()
        let receipt = OutboxReceipt()
        try await OutboxReceipt.$current.withValue(receipt) {
            try await rig.publish((0..<20).map { Greeting(id: "key \($0)", text: "") })
        }
        #expect(receipt.rows.count == 20)
        let written = receipt.rows.map { row in
            let partition = Partitioner.partition(of: row.key ?? [], count: Rig.topic.partitions)
            let stream = OutboxPosition.Stream(source: Greeting.source, topic: row.topic, partition: partition)
            return OutboxPosition(stream: stream, row: row.id)
        }
        let positions = AppliedPositions()
        let consumer = try rig.consumer(positions: positions)
        #expect(!positions.have(written))
        let isInTime = try await loop.run {
            try await positions.wait(for: written, on: loop, until: .after(.milliseconds(20)))
        }
        #expect(!isInTime)
        try relay.start()
        try consumer.start()
        let isThere = try await loop.run {
            try await positions.wait(for: written, on: loop, until: .after(.seconds(20)))
        }
        #expect(isThere)
        #expect(try await rig.texts().count == 20)
        await consumer.stop()

        let later = AppliedPositions()
        let restarted = try rig.consumer(positions: later)
        try restarted.start()
        #expect(try await eventually { later.have(written) })
        await restarted.stop()
        await relay.stop()
        await rig.database.close()
        loops.shutdown()
    }

    @Test func `there is nothing to wait for in a topic that nobody consumes`() {
        let stream = OutboxPosition.Stream(source: "/user", topic: "user-events", partition: 0)
        #expect(AppliedPositions().have([OutboxPosition(stream: stream, row: 1)]))
    }
}
