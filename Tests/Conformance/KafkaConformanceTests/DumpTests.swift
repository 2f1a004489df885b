import System
import TestSupport
import Testing

/// Segments as Apache Kafka's tool and ours read them, after compaction and with the markers of transactions.
@Suite(.serialized, .enabled(if: ApacheKafka.home != nil, "KAFKA_HOME is not set"))
struct DumpTests {
    /// The newest values of three keys over and over, in transactions of which every fourth is aborted.
    private static let program = """
        import sys
        from confluent_kafka import Producer
        from confluent_kafka.admin import AdminClient, NewTopic
        COMMON = {"bootstrap.servers": sys.argv[1], "log_level": 0}
        settings = {"cleanup.policy": "compact", "segment.bytes": "2000", "min.cleanable.dirty.ratio": "0.01"}
        admin = AdminClient(COMMON)
        for made in admin.create_topics([NewTopic("t", 1, 1, config=settings)]).values():
            made.result()
        client = Producer({**COMMON, "transactional.id": "dump", "compression.type": "lz4"})
        client.init_transactions(10)
        for number in range(40):
            client.begin_transaction()
            client.produce("t", b"value %d " % number + b"x" * 100, key=b"key %d" % (number % 3), partition=0)
            client.abort_transaction() if number % 4 == 3 else client.commit_transaction()
        """

    @Test func `a compacted log with markers reads alike by Apache Kafka's tool and by ours`() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.appending("data")
        let broker = try await RunningBroker(data: data)
        _ = try await broker.python(Self.program)
        let first = "\(data)/t-0/00000000000000000000.log"
        try await eventually("the first segment is compacted", within: 90) {
            let offsets = try await Self.ours(first).compactMap { Int($0.prefix { $0 != " " }) }
            return !zip(offsets, offsets.dropFirst()).allSatisfy { $0 + 1 == $1 }
        }
        #expect(try await broker.process.stop().isSuccess)
        let files = try await Command.run("sh", ["-c", "ls \(data)/t-0/*.log"]).output.split(separator: "\n")
        var (records, markers) = (0, 0)
        for file in files.map(String.init) {
            let (mine, theirs) = (try await Self.ours(file), try await Self.theirs(file))
            #expect(mine == theirs.records, "\(file)")
            records += mine.count
            markers += theirs.markers
        }
        #expect(files.count > 1 && markers > 0 && records > markers && records < 80)
    }

    /// Offset and time of every record.
    private static func ours(_ file: String) async throws -> [String] {
        let result = try await Command.run(ServiceProcess.path(of: "broker"), ["dump-log", file])
        #expect(result.status.isSuccess, "\(result.output)")
        return result.output.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { line in
            let words = line.split(separator: " ")
            return "\(words[0]) \(words[2])"
        }
    }

    private static func theirs(_ file: String) async throws -> (records: [String], markers: Int) {
        let home = try #require(ApacheKafka.home)
        let words = [
            "-Xmx200m", "-cp", "\(home)/libs/*", "kafka.tools.DumpLogSegments", "--print-data-log", "--files", file,
        ]
        let result = try await Command.run("java", words)
        #expect(result.status.isSuccess && !result.output.contains("isvalid: false"), "\(result.output)")
        let lines = result.output.split(separator: "\n").filter { $0.hasPrefix("| offset: ") }
        let records = lines.map { line in
            let words = line.split(separator: " ")
            return "\(words[2]) \(words[4])"
        }
        return (records, lines.count { $0.contains("endTxnMarker") })
    }
}
