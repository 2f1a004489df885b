import Persistence
import Synchronization
import System
import TestSupport
import Testing

@testable import UserService

/// SIGTERM while people sign up.
struct GracefulStopTests {
    @Test func `a stop under load ends well: every answer is in the log, the outbox is empty, offsets are committed`()
        async throws
    {
        let broker = try ServiceProcess("broker")
        let fixture = try await UserServiceFixture(broker: "127.0.0.1:\(broker.port)")
        try await fixture.service.waitUntilReady()
        // Nothing is sent before the consumers know the cluster.
        _ = try await fixture.register("first@example.org")
        try await eventually("the relay sends") { try await fixture.unsentCount() == 0 }
        let accepted = Accepted()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var number = 0
                    // Ends at the first request that finds nobody listening.
                    while let id = try? await fixture.register("p\(worker)-\(number)@example.org") {
                        accepted.ids.withLock { $0.append(id) }
                        number += 1
                    }
                }
            }
            try await eventually("people sign up") { accepted.ids.withLock(\.count) > 10 }
            #expect(try await fixture.service.stop().isSuccess, "\(fixture.service.log.suffix(1000))")
            try await group.waitForAll()
        }
        let arguments = ["-b", "127.0.0.1:\(broker.port)", "-C", "-q", "-t", "user-events", "-o", "beginning", "-e"]
        let log = try await Command.run("kcat", arguments + ["-f", "%k %h\\n"]).output.split(separator: "\n")
        let told = Set(log.filter { $0.contains("user.registered") }.map { String($0.prefix(36)) })
        let answered = Set(accepted.ids.withLock(\.self))
        #expect(answered.count > 10 && answered.isSubset(of: told))
        #expect(try await fixture.outboxCount() == 0)
        #expect(try await fixture.storedOffsets() == committedOffsets(broker.port))
    }

    /// Whose sign-ups were answered with 201.
    private final class Accepted: Sendable {
        let ids = Mutex<[String]>([])
    }

    /// What the broker says group `user` has committed, as `topic partition offset`.
    private func committedOffsets(_ port: UInt16) async throws -> [String] {
        let program = """
            import json, os, sys
            from confluent_kafka import Consumer, TopicPartition
            client = Consumer({"bootstrap.servers": "127.0.0.1:" + sys.argv[1], "group.id": "user",
                **json.loads(os.environ["TEST_KAFKA_LOGIN"])})
            topics = client.list_topics(timeout=20).topics
            for topic in ["auth-events", "user-events", "user-events.user.redrive", "auth-events.user.redrive"]:
                partitions = topics[topic].partitions if topic in topics else []
                for place in client.committed([TopicPartition(topic, partition) for partition in partitions], timeout=20):
                    if place.offset > 0:
                        print(place.topic, place.partition, place.offset)
            """
        let result = try await Command.python(program, [String(port)])
        #expect(result.status.isSuccess, "\(result.output)")
        return result.output.split(separator: "\n").map(String.init).sorted()
    }
}

extension UserServiceFixture {
    /// Rows in the outbox of the running service, which alone may open its file as a database of ours.
    func unsentCount() async throws -> Int? {
        let program = """
            import sqlite3, sys
            file = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            print(file.execute("SELECT count(*) FROM outbox").fetchone()[0])
            """
        let result = try await Command.python(program, [directory.appending("user/user.sqlite")])
        return result.output.split(separator: "\n").last.flatMap { Int($0) }
    }

    /// Rows that the stopped service left unsent.
    func outboxCount() async throws -> Int {
        let database = try open()
        let count = try await database.read { try $0.outboxCount() }
        await database.close()
        return count
    }

    /// The offsets in the stopped service's file, as `topic partition offset`.
    func storedOffsets() async throws -> [String] {
        let database = try open()
        let lines = try await database.read { connection in
            try connection.offsetClusters(group: "user").flatMap { cluster in
                try connection.offsets(cluster: cluster, group: "user").map { "\($0.topic) \($0.partition) \($0.next)" }
            }
        }
        await database.close()
        return lines.sorted()
    }

    private func open() throws -> Database {
        try Database.open(.init(path: directory.appending("user/user.sqlite")), migrations: UserSchema.migrations)
    }
}
