import System

/// An Apache Kafka broker (and controller) in one process, from the jars of `$KAFKA_HOME/libs`, for tests that run the same
/// on Kafka as on our own broker. Needs Java 17.
public final class ApacheKafka: Sendable {
    /// `127.0.0.1:port`, for `KAFKA_BOOTSTRAP_SERVERS`.
    public let bootstrapServers: String
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// The folder given by the environment; nil when tests against Kafka are to be skipped.
    public static var home: String? { Environment.value("KAFKA_HOME") }

    /// Formats a data folder and starts the broker; returns when it accepts connections.
    public init(home: String) async throws {
        directory = try TemporaryDirectory()
        let port = try PortProbe.freePort()
        bootstrapServers = "127.0.0.1:\(port)"
        let properties = try directory.write(
            Self.properties(port: port, controller: PortProbe.freePort(), data: directory.appending("data")),
            to: "server.properties"
        )
        let java = ["-Xmx512M", "-cp", "\(home)/libs/*"]
        let format = ["kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", properties]
        let formatted = try await Command.run("java", java + format)
        guard formatted.status.isSuccess else { throw Timeout(description: "storage format: \(formatted.output)") }
        child = try ChildProcess.start(
            "java",
            arguments: java + ["kafka.Kafka", properties],
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        try await eventually("Apache Kafka listens", within: 60) { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    deinit {
        // It may have ended by itself; nothing is left to do then.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.wait()
    }

    private static func properties(port: UInt16, controller: UInt16, data: String) -> String {
        """
        process.roles=broker,controller
        node.id=1
        controller.listener.names=CONTROLLER
        inter.broker.listener.name=PLAINTEXT
        listeners=PLAINTEXT://127.0.0.1:\(port),CONTROLLER://127.0.0.1:\(controller)
        advertised.listeners=PLAINTEXT://127.0.0.1:\(port)
        controller.quorum.voters=1@127.0.0.1:\(controller)
        log.dirs=\(data)
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        transaction.state.log.num.partitions=4
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        group.initial.rebalance.delay.ms=0
        """
    }
}
