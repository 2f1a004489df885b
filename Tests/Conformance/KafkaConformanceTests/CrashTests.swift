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
        let status = try await broker.process.stop(within: 10)
        #expect(status.isSuccess)
    }
}
