import System

/// Apache Kafka from the jars of `$KAFKA_HOME/libs`, for tests that run the same on Kafka as on our own broker: one process, or
/// several that keep each record on three of them and acknowledge it when two have it. Each is broker and controller. Needs
/// Java 17.
public final class ApacheKafka: Sendable {
    /// `127.0.0.1:port,…`, for `KAFKA_BOOTSTRAP_SERVERS`.
    public let bootstrapServers: String
    private let nodes: [Node]

    /// One process, which ends with its cluster.
    private struct Node: Sendable {
        let port: UInt16
        let child: ChildProcess
        let directory: TemporaryDirectory
    }

    /// The folder given by the environment; nil when tests against Kafka are to be skipped.
    public static var home: String? { Environment.value("KAFKA_HOME") }

    /// Whether tests against Kafka that take more than a minute are wanted: `make e2e-kafka` sets `MARQUEE_LONG_TESTS`.
    public static var isLongTestWanted: Bool { home != nil && Environment.value("MARQUEE_LONG_TESTS") != nil }

    /// Runs a command-line tool of Apache Kafka, named by its class, to its end.
    public static func tool(
        _ name: String,
        _ arguments: [String],
        input: String = "",
        within seconds: Double = 60
    ) async throws -> Command.Result {
        guard let home else { throw Timeout(description: "KAFKA_HOME is not set") }
        let java = ["java", "-Xmx128M", "-XX:TieredStopAtLevel=1", "-cp", "\(home)/libs/*", name] + arguments
        // Its words come as arguments of the shell, so none needs quoting.
        return try await Command.run("sh", ["-c", "printf '%s' \"$0\" | \"$@\"", input] + java, within: seconds)
    }

    /// Formats data folders and starts the processes; returns when all accept connections.
    public init(home: String, nodes count: Int = 1) async throws {
        let ports = try (0..<count).map { _ in (broker: try PortProbe.freePort(), controller: try PortProbe.freePort())
        }
        bootstrapServers = ports.map { "127.0.0.1:\($0.broker)" }.joined(separator: ",")
        let voters = ports.enumerated().map { "\($0 + 1)@127.0.0.1:\($1.controller)" }.joined(separator: ",")
        // Small ones, for several share a test's machine.
        let java = [count > 1 ? "-Xmx256M" : "-Xmx512M", "-cp", "\(home)/libs/*"]
        var nodes: [Node] = []
        for (index, port) in ports.enumerated() {
            let directory = try TemporaryDirectory()
            let properties = try directory.write(
                Self.properties(of: index + 1, port, voters, copies: min(count, 3), data: directory.appending("data")),
                to: "server.properties"
            )
            let format = ["kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", properties]
            let formatted = try await Command.run("java", java + format)
            guard formatted.status.isSuccess else { throw Timeout(description: "storage format: \(formatted.output)") }
            let child = try ChildProcess.start(
                "java",
                arguments: java + ["kafka.Kafka", properties],
                environment: Environment.all(),
                output: .append(path: directory.appending("log"))
            )
            nodes.append(Node(port: port.broker, child: child, directory: directory))
        }
        self.nodes = nodes
        for port in ports {
            try await eventually("Apache Kafka listens", within: 90) {
                PortProbe.accepts(port.broker, timeoutMilliseconds: 200)
            }
        }
    }

    deinit { for index in nodes.indices { kill(node: index) } }

    /// Ends one process by SIGKILL; the first is 0.
    public func kill(node: Int) {
        // It may have ended by itself; nothing is left to do then.
        try? nodes[node].child.send(SignalQueue.kill, toGroup: true)
        _ = try? nodes[node].child.wait()
    }

    private static func properties(
        of node: Int,
        _ port: (broker: UInt16, controller: UInt16),
        _ voters: String,
        copies: Int,
        data: String
    ) -> String {
        """
        process.roles=broker,controller
        node.id=\(node)
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=PLAINTEXT
        listeners=PLAINTEXT://127.0.0.1:\(port.broker),CONTROLLER://127.0.0.1:\(port.controller)
        advertised.listeners=PLAINTEXT://127.0.0.1:\(port.broker)
        controller.quorum.voters=\(voters)
        log.dirs=\(data)
        default.replication.factor=\(copies)
        min.insync.replicas=\(max(1, copies - 1))
        offsets.topic.replication.factor=\(copies)
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=\(copies)
        transaction.state.log.min.isr=\(max(1, copies - 1))
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=\(copies)
        share.coordinator.state.topic.min.isr=\(max(1, copies - 1))
        group.initial.rebalance.delay.ms=0
        """
    }
}
