import System
import TestSupport
import Testing

@Suite(.serialized)
struct CrashTests {
    @Test func `what was acknowledged before a kill is there after the next start`() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.appending("data")
        for round in 1...5 {
            let broker = try await RunningBroker(data: data)
            let values = (1...50).map { "r\(round)-\($0)" }.joined(separator: " ")
            _ = try await broker.kcat("-P -t t -p 0 -X acks=all -X enable.idempotence=true", input: values)
            try await broker.process.kill()
        }
        let broker = try await RunningBroker(data: data)
        let consumed = try await broker.kcat("-C -t t -p 0 -e").split(separator: "\n").map(String.init)
        #expect(consumed == (1...5).flatMap { round in (1...50).map { "r\(round)-\($0)" } })
    }

    @Test func `committed offsets survive a kill`() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.appending("data")
        let first = try await RunningBroker(data: data)
        _ = try await first.kcat("-P -t t -p 0", input: "1 2 3 4")
        _ = try await first.kcat("-G g -c 3 -X auto.offset.reset=earliest t")
        try await first.process.kill()
        let second = try await RunningBroker(data: data)
        #expect(try await second.kcat("-G g -c 1 -X auto.offset.reset=earliest t") == "4\n")
    }

    @Test func `a stop on request is clean and quick`() async throws {
        let broker = try await RunningBroker()
        _ = try await broker.kcat("-P -t t -p 0", input: "1")
        let status = try await broker.process.stop(within: 4)
        #expect(status.isSuccess)
    }

    @Test(.enabled(if: Environment.value("KAFKA_HOME") != nil, "KAFKA_HOME names no Apache Kafka"))
    func `Apache Kafka's own tool reads the segments`() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.appending("data")
        let broker = try await RunningBroker(data: data)
        _ = try await broker.kcat("-P -t t -p 0 -z lz4", input: "1 2 3")
        _ = try await broker.process.stop()
        let home = Environment.value("KAFKA_HOME") ?? ""
        let result = try await Command.run(
            "java",
            [
                "-cp", "\(home)/libs/*", "kafka.tools.DumpLogSegments", "--deep-iteration", "--files",
                "\(data)/t-0/00000000000000000000.log",
            ]
        )
        #expect(result.status.isSuccess)
        #expect(result.output.contains("isvalid: true") && !result.output.contains("isvalid: false"))
    }
}
