import System
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct ClusterTests {
    @Test func `another cluster is refused by its code, and adopted after a drained stop`() async throws {
        let rig = try await BookingRig()
        var service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let (an, binh) = (try rig.person(), try rig.person())
        let booking = try await service.lock(showtime, ["A1"], as: an)
        _ = try await service.pay(booking, as: an)
        try await service.wait(booking, for: "booked", as: an)
        #expect(try await service.stop().isSuccess)

        let other = try ServiceProcess("broker")
        try await eventually("the other broker listens") { PortProbe.accepts(other.port, timeoutMilliseconds: 200) }
        let refused = try rig.start([], on: other)
        #expect(try await refused.ended() == .exited(1))
        #expect(refused.log.contains("other_cluster"), "\(refused.log)")

        service = try await rig.service(["--adopt-cluster"], on: other)
        #expect(try await service.book(showtime, ["A1"], as: binh).status == 409)
        let next = try await service.lock(showtime, ["A2"], as: binh)
        _ = try await service.pay(next, as: binh)
        try await service.wait(next, for: "booked", as: binh)
        #expect(try await service.taken(showtime) == ["A1": "booked", "A2": "booked"])
        #expect(try await service.stop().isSuccess)
        service = try await rig.service(on: other)
        #expect(try await service.booking(next, as: binh)["state"].string == "booked")
    }

    @Test func `what was still to be sent is sent to the new cluster, and to no refused one`() async throws {
        let rig = try await BookingRig()
        var service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let an = try rig.person()
        _ = try await service.lock(showtime, ["A1"], as: an)
        try await rig.broker.kill()
        let asked = try await Curl.request(
            "POST",
            service.url + "/v1/bookings",
            json: #"{"showtime_id":"\#(showtime)","seats":["A2"]}"#,
            token: an
        )
        #expect(asked.status == 202)
        let booking = try #require(asked.json["id"].string)
        try await service.kill()

        let other = try ServiceProcess("broker")
        try await eventually("the other broker listens") { PortProbe.accepts(other.port, timeoutMilliseconds: 200) }
        let refused = try rig.start([], on: other)
        #expect(try await refused.ended() == .exited(1))
        let arguments = ["-b", "127.0.0.1:\(other.port)", "-t", "ticket-requests", "-C", "-e", "-q"]
        #expect(try await Command.run("kcat", arguments, within: 20).output.isEmpty)
        service = try await rig.service(["--adopt-cluster"], on: other)
        try await service.wait(booking, for: "locked", as: an)
    }

    @Test func `a log that has lost what was not read yet is refused by its code`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        _ = try await service.lock(showtime, ["A1"], as: try rig.person())
        #expect(try await service.stop().isSuccess)
        let lose = """
            import json, os, sys
            from confluent_kafka import Producer, TopicPartition
            from confluent_kafka.admin import AdminClient
            servers = {"bootstrap.servers": sys.argv[1], **json.loads(os.environ["TEST_KAFKA_LOGIN"])}
            producer = Producer(servers)
            for partition in range(12):
                for _ in range(9): producer.produce("ticket-requests", b"x", partition=partition)
            producer.flush()
            places = [TopicPartition("ticket-requests", partition, 9) for partition in range(12)]
            admin = AdminClient(servers)
            for future in admin.delete_records(places).values(): future.result(20)
            """
        let lost = try await Command.python(lose, ["127.0.0.1:\(rig.broker.port)"])
        #expect(lost.status.isSuccess, "\(lost.output)")
        let refused = try rig.start([])
        #expect(try await refused.ended() == .exited(1))
        #expect(refused.log.contains("gap: ticket-requests"), "\(refused.log)")
    }

    @Test func `there is nothing to rebuild, and unknown words are refused`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        #expect(try await service.stop().isSuccess)
        let rebuild = try rig.start(["--rebuild"])
        #expect(try await rebuild.ended().isSuccess)
        #expect(rebuild.log.contains("every table is truth"))
        #expect(!File.exists(rig.data.appending("booking/booking.sqlite.rebuild")))
        let unknown = try rig.start(["--rebild"])
        #expect(try await unknown.ended() == .exited(1))
        #expect(unknown.log.contains("--rebild is not known"))
    }
}
