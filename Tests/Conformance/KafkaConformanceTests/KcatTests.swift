import System
import TestSupport
import Testing

/// librdkafka 2.0.2 as Debian ships it, through kcat.
@Suite(.serialized)
struct KcatTests {
    @Test func `metadata names the broker, and topics come into being when used`() async throws {
        let broker = try await RunningBroker()
        _ = try await broker.kcat("-P -t orders -K:", input: "a:1 b:2 c:3")
        let metadata = try await broker.kcat("-L")
        #expect(metadata.contains("broker 1 at \(broker.address)"))
        #expect(metadata.contains("topic \"orders\" with 4 partitions"))
        let consumed = try await broker.kcat("-C -t orders -e -f '%k=%s\\n'")
        #expect(Set(consumed.split(separator: "\n")) == ["a=1", "b=2", "c=3"])
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func `every codec goes through unchanged`(codec: String) async throws {
        let broker = try await RunningBroker()
        let numbers = (1...200).map(String.init)
        _ = try await broker.kcat("-P -t t -p 0 -z \(codec)", input: numbers.joined(separator: " "))
        let consumed = try await broker.kcat("-C -t t -p 0 -e")
        #expect(consumed.split(separator: "\n").map(String.init) == numbers)
    }

    @Test func `a group goes on where it committed`() async throws {
        let broker = try await RunningBroker()
        _ = try await broker.kcat("-P -t t -p 0", input: "1 2 3 4 5 6")
        let reset = "-X auto.offset.reset=earliest"
        let first = try await broker.kcat("-G readers -c 4 \(reset) t")
        let second = try await broker.kcat("-G readers -c 2 \(reset) t")
        #expect(first.split(separator: "\n") == ["1", "2", "3", "4"])
        #expect(second.split(separator: "\n") == ["5", "6"])
    }

    @Test func `offsets are found by time`() async throws {
        let broker = try await RunningBroker()
        _ = try await broker.kcat("-P -t t -p 0", input: "1 2 3")
        #expect(try await broker.kcat("-Q -t t:0:1").contains("offset 0"))
        #expect(try await broker.kcat("-Q -t t:0:-1").contains("offset 3"))
    }

    @Test(arguments: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    func `clients authenticate with every mechanism`(mechanism: String) async throws {
        let directory = try TemporaryDirectory()
        let secrets = try directory.write(
            """
            {"users": {"booking": "right"}, "superUsers": ["User:admin"], "rules": [
              {"resource": "topic", "name": "payments", "principal": "User:booking", "operation": "all"}]}
            """,
            to: "secrets.json"
        )
        let broker = try await RunningBroker(environment: ["BROKER_SECRETS": secrets])
        let sasl = "-X security.protocol=sasl_plaintext -X sasl.mechanism=\(mechanism) -X sasl.username=booking"
        _ = try await broker.kcat("\(sasl) -X sasl.password=right -P -t payments -p 0", input: "paid")
        #expect(try await broker.kcat("\(sasl) -X sasl.password=right -C -t payments -p 0 -e") == "paid\n")
        await #expect(throws: RunningBroker.Failure.self) {
            try await broker.kcat("\(sasl) -X sasl.password=wrong -P -t payments -p 0", input: "x", within: 10)
        }
        await #expect(throws: RunningBroker.Failure.self) {
            try await broker.kcat("-X message.timeout.ms=2000 -P -t payments -p 0", input: "x", within: 10)
        }
    }
}
