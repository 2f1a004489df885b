import System
import TestSupport
import Testing

extension EndToEnd {
    /// The topics of a running stack are moved from its own broker to Apache Kafka.
    @Suite struct KafkaMoveTests {
        private static let booked = "đã được đặt thành công"
        private static let services = ServiceEnsemble.services.filter { $0 != "broker" }

        @Test(.enabled(if: ApacheKafka.isLongTestWanted, "make e2e-kafka runs it"))
        func `a stack that moves to Apache Kafka goes on where it was, and tells nobody twice`() async throws {
            let ensemble = try await ServiceEnsemble()
            try ensemble.start()
            try await ensemble.waitUntilReady()
            let cinema = try await Cinema(ensemble)
            let lan = try await cinema.visitor("lan")
            let first = try #require(try await lan.book("A1").json["id"].string)
            try await lan.pay(first)
            try await lan.expect(first, is: "booked")
            try await eventually("the person is told") { try await tellings(lan) == 1 }

            let kafka = try await ApacheKafka(home: try #require(ApacheKafka.home))
            // Once while everything runs, which takes long where there is much; what is left then is little.
            try await mirror(ensemble, kafka)
            let second = try #require(try await lan.book("A2").json["id"].string)
            try await ensemble.stop(["gateway"])
            try await ensemble.stop(Self.services.filter { $0 != "gateway" })
            try await mirror(ensemble, kafka)
            try await ensemble.stop(["broker"])

            let place = ["KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers]
            try ensemble.start(Self.services, arguments: ["--adopt-cluster"], variables: place)
            try await ensemble.waitUntilReady(within: 60)
            #expect(try await cinema.seat("A1") == "booked")
            try await lan.pay(second)
            try await lan.expect(second, is: "booked", within: 30)
            let minh = try await cinema.visitor("minh")
            #expect(try await minh.book("A3").status == 201)
            try await eventually("the person is told of the second", within: 30) { try await tellings(lan) == 2 }
            for service in ["booking", "notification", "user"] {
                #expect(ensemble.log(of: service).contains("offsets taken over"), "\(service)")
            }
            withExtendedLifetime(kafka) {}
        }

        private func tellings(_ visitor: Visitor) async throws -> Int {
            try await visitor.messages().count { $0.contains(Self.booked) }
        }

        private func mirror(_ ensemble: ServiceEnsemble, _ kafka: ApacheKafka) async throws {
            let copied = try await Command.run(
                Command.pythonPath,
                [
                    "\(SourceFile.repository)/deploy/kafka/mirror.py", "--from", ensemble.broker, "--to",
                    kafka.bootstrapServers,
                ],
                within: 120
            )
            #expect(copied.status.isSuccess, "\(copied.output)")
        }
    }
}
