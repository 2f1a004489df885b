import System
import TestSupport
import Testing

/// The places of Booking's groups as lag tools see them: the broker's copy of what the database holds.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct GroupPlaceTests {
    @Test func `what a crash kept from the broker about a group's place is told at the next start`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        // The place is told once a second: the crash comes before that of the last.
        for seat in ["A1", "A2", "A3"] { _ = try await service.lock(showtime, [seat], as: an) }
        // What the crash would leave in the outbox is sent once more, and the place would be further on.
        _ = try await eventually("the outbox is empty", within: 60) { try await unsent(rig) == 0 ? true : nil }
        try await service.kill()
        let again = try await rig.service()
        let known = try await eventually("the broker knows the place", within: 60) {
            let known = try await committed(rig, group: "seat-locker", topic: "ticket-requests")
            return known == 3 ? known : nil
        }
        #expect(known == 3)
        withExtendedLifetime(again) {}
    }

    /// How many rows the service's outbox has.
    private func unsent(_ rig: BookingRig) async throws -> Int? {
        let program = """
            import sqlite3, sys
            file = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            print(file.execute("SELECT count(*) FROM outbox").fetchone()[0])
            """
        let result = try await Command.python(program, [rig.data.appending("booking/booking.sqlite")])
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output.split(separator: "\n").last.flatMap { Int($0) }
    }

    /// The sum of the offsets that the broker holds for a group, as kafka-python reads them.
    private func committed(_ rig: BookingRig, group: String, topic: String) async throws -> Int? {
        let program = """
            import json, os, sys
            from confluent_kafka import Consumer, TopicPartition
            broker, group, topic = sys.argv[1:]
            client = Consumer({"bootstrap.servers": broker, "group.id": group, **json.loads(os.environ["TEST_KAFKA_LOGIN"])})
            places = client.committed([TopicPartition(topic, partition) for partition in range(12)], timeout=20)
            print(sum(max(place.offset, 0) for place in places))
            """
        let result = try await Command.python(program, ["127.0.0.1:\(rig.broker.port)", group, topic])
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output.split(separator: "\n").last.flatMap { Int($0) }
    }
}
