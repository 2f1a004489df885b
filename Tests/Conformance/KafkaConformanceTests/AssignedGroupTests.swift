import System
import TestSupport
import Testing

/// Groups whose assignments the broker makes (KIP-848), with members of librdkafka and of Apache Kafka.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct AssignedGroupTests {
    private static let kills = KillProgram.kills(6)
    /// Members are missed soon: the test has to wait for it.
    private static let settings = ["GROUP_SESSION_TIMEOUT_MS": "3000", "GROUP_HEARTBEAT_INTERVAL_MS": "300"]

    @Test func `while members come, go and are killed, and the broker too, every record is committed by one member`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let (data, journals) = (directory.appending("data"), directory.appending("journals"))
        try File.createDirectory(journals)
        let port = try PortProbe.freePort()
        var broker = try await RunningBroker(data: data, port: port, environment: Self.settings)
        let program = "\(SourceFile.repository)/Tests/Conformance/KafkaConformanceTests/members.py"
        let (address, seconds) = (broker.address, Self.kills * 2)
        async let judged = Command.run(
            Command.pythonPath,
            [program, address, journals, "\(seconds)"],
            within: 240 + 2 * Double(seconds)
        )
        for _ in 0..<Self.kills {
            // The moment of the kill is the scenario: anywhere in a join, a move, a commit.
            try await Task.sleep(for: .milliseconds(Int.random(in: 300...3000)))
            try await broker.process.kill()
            broker = try await RunningBroker(data: data, port: port, environment: Self.settings)
        }
        let result = try await judged
        #expect(result.status.isSuccess && result.output.contains("all is well"), "\(result.output.suffix(3000))")
        #expect(try await broker.process.stop().isSuccess)
    }

    private static let groupTool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
    private static let consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer"

    /// A tool's arguments, and what it must print.
    private static let calls: [(tool: String, arguments: String, output: String)] = [
        (consumer, "--topic t --group k --from-beginning --max-messages 60 --timeout-ms 20000", "a total of 60"),
        (consumer, "--include t.* --group k2 --from-beginning --max-messages 60 --timeout-ms 20000", "a total of 60"),
        (groupTool, "--list --type consumer --state", "Consumer             Stable"),
        (groupTool, "--describe --group g --state --verbose", "uniform              Stable               2"),
        (groupTool, "--describe --group g --members --verbose", "inst"),
        (groupTool, "--describe --group g", "CURRENT-OFFSET"),
        (groupTool, "--delete --group g", "GroupNotEmptyException"),
        (groupTool, "--delete-offsets --group g --topic t", "GroupSubscribedToTopicException"),
        (groupTool, "--delete --group k", "('k') was successful"),
    ]

    /// Two members, one of them static, until the second file is there.
    private static let members = """
        import os, sys
        from confluent_kafka import Consumer, Producer
        common = {'bootstrap.servers': sys.argv[1], 'log_level': 0}
        writer = Producer(common)
        for number in range(60):
            writer.produce('t', b'%d' % number)
        writer.flush()
        group = {**common, 'group.id': 'g', 'group.protocol': 'consumer', 'auto.offset.reset': 'earliest'}
        members = [Consumer(group), Consumer({**group, 'group.instance.id': 'inst'})]
        for member in members:
            member.subscribe(['t'])
        while [len(member.assignment()) for member in members] != [2, 2]:
            for member in members:
                member.poll(0.1)
        open(sys.argv[2], 'w').close()
        while not os.path.exists(sys.argv[3]):
            for member in members:
                member.poll(0.1)
        """

    @Test(.enabled(if: ApacheKafka.home != nil, "KAFKA_HOME is not set"))
    func `Apache Kafka's consumer joins, and its tools look after such groups`() async throws {
        let home = try #require(ApacheKafka.home)
        let directory = try TemporaryDirectory()
        let (data, ready, ended) = (
            directory.appending("data"), directory.appending("ready"), directory.appending("ended")
        )
        let broker = try await RunningBroker(data: data, environment: Self.settings)
        let program = try directory.write(Self.members, to: "members.py")
        async let members = Command.run(Command.pythonPath, [program, broker.address, ready, ended], within: 120)
        try await eventually("both members have two partitions", within: 30) { File.exists(ready) }
        let lines = Self.calls.map { call in
            let protocolChoice = call.tool == Self.consumer ? ["--command-property", "group.protocol=consumer"] : []
            let words = ["--bootstrap-server", broker.address] + call.arguments.split(separator: " ").map(String.init)
            return ([call.tool] + words + protocolChoice).joined(separator: "\t")
        }
        let calls = try directory.write(lines.joined(separator: "\n"), to: "calls")
        let tools = "\(SourceFile.repository)/Tests/Fixtures/kafka/Tools.java"
        let result = try await Command.run("java", ["-Xmx256m", "-cp", "\(home)/libs/*", tools, calls], within: 120)
        let answers = result.output.split(separator: "== ", omittingEmptySubsequences: false).dropFirst()
        try #require(answers.count == Self.calls.count, "\(result.output)")
        for (call, answer) in zip(Self.calls, answers) {
            let said = answer.split(separator: "\n").dropFirst().joined(separator: "\n")
            #expect(said.contains(call.output), "\(answer)")
        }
        let own = try await Command.run(
            ServiceProcess.path(of: "broker"),
            ["groups", "describe", "g", "--bootstrap", broker.address]
        )
        #expect(own.output.contains("Stable"), "\(own.output)")
        _ = try await Command.run("touch", [ended])
        #expect(try await members.status.isSuccess)
        let file = "\(data)/__consumer_offsets-0/00000000000000000000.log"
        let words = [
            "-Xmx200m", "-cp", "\(home)/libs/*", "kafka.tools.DumpLogSegments", "--offsets-decoder", "--print-data-log",
            "--files", file,
        ]
        let dump = try await Command.run("java", words).output
        for kind in ["\"type\":\"3\"", "\"type\":\"5\"", "\"type\":\"6\"", "\"type\":\"7\"", "\"type\":\"8\""] {
            #expect(dump.contains(kind), "Apache Kafka's tool reads records of \(kind)")
        }
        #expect(dump.contains("\"instanceId\":\"inst\"") && dump.contains("\"partitionsPendingRevocation\":[{"))
    }
}
