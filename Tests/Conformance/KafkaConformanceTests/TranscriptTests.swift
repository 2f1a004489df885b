import System
import TestSupport
import Testing

/// `scenario.py` asks a broker some 610 questions in frames of its own; `transcript.txt` is what Apache Kafka
/// 4.2 answered (`make conformance-kafka` records it anew), `differences.txt` where ours answers otherwise, and why.
@Suite(.serialized)
struct TranscriptTests {
    private static let folder = "\(SourceFile.repository)/Tests/Fixtures/kafka"

    private static func lines(_ name: String) throws -> [String] {
        String(decoding: try File.read("\(folder)/\(name)"), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func `every answer is Apache Kafka's, except where it is explained`() async throws {
        let broker = try await RunningBroker()
        let program = "\(Self.folder)/scenario.py"
        let asked = try await Command.run(Command.pythonPath, [program, broker.address], within: 120)
        try #require(asked.status.isSuccess, "\(asked.output.suffix(2000))")
        let ours = asked.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let kafkas = try Self.lines("transcript.txt")
        #expect(ours.count == kafkas.count)
        let explained = try Self.lines("differences.txt")
        for (kafka, our) in zip(kafkas, ours) where kafka != our {
            let isExplained = zip(explained, explained.dropFirst()).contains { $0 == "- \(kafka)" && $1 == "+ \(our)" }
            #expect(isExplained, "Apache Kafka: \(kafka)\nours: \(our)")
        }
    }
}
