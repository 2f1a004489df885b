import TestSupport
import Testing

extension EndToEnd {
    /// The stack past one machine: its events on a cluster of three, one of which dies.
    @Suite struct ClusterTests {
        private static let booked = "đã được đặt thành công"

        @Test(.enabled(if: ApacheKafka.isLongTestWanted, "make e2e-kafka runs it"))
        func `the story goes on when one of three Kafka brokers dies in the middle of it`() async throws {
            let kafka = try await ApacheKafka(home: try #require(ApacheKafka.home), nodes: 3)
            try await RunningStack.with(["TOPIC_REPLICATION": "3"], kafka: kafka) { stack in
                try await expectThreeCopies(of: "ticket-requests", on: stack)
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                let booking = try await lan.request("A1", "A2")
                kafka.kill(node: 0)
                try await lan.expect(booking, is: "locked", within: 60)
                try await lan.pay(booking)
                try await lan.expect(booking, is: "booked", within: 60)
                try await eventually("the person is told", within: 60) {
                    try await lan.messages().contains { $0.contains(Self.booked) }
                }
                let minh = try await cinema.visitor("minh")
                let second = try await minh.request("A3")
                try await minh.expect(second, is: "locked", within: 60)
                #expect(try await lan.messages().filter { $0.contains(Self.booked) }.count == 1)
                #expect(try await cinema.seat("A1") == "booked")
            }
        }

        private func expectThreeCopies(of topic: String, on stack: RunningStack) async throws {
            let listed = try await Command.run("kcat", ["-q", "-b", stack.broker, "-L", "-t", topic])
            let partitions = listed.output.split(separator: "\n").filter { $0.contains("replicas:") }
            #expect(
                !partitions.isEmpty
                    && partitions.allSatisfy { line in
                        let replicas = line.split(separator: "replicas: ")[1].prefix { $0 != " " }
                        return Set(replicas.split(separator: ",")).count == 3
                    },
                "\(listed.output)"
            )
        }
    }
}
