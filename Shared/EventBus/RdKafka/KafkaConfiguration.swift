/// How the clients of this process reach the broker: librdkafka properties by name.
public struct KafkaConfiguration: Sendable, Equatable {
    /// Where the embedded broker listens unless told otherwise.
    public static let defaultBootstrapServers = "127.0.0.1:9092"

    /// librdkafka properties that hold for every client of the process.
    public var properties: [String: String]
    /// On how many brokers a topic that is made keeps each record (`replication.factor`); -1 leaves that to the cluster.
    public var copies = -1

    /// Configuration with only the broker's address.
    public init(bootstrapServers: String = KafkaConfiguration.defaultBootstrapServers) {
        properties = ["bootstrap.servers": bootstrapServers]
    }

    /// Reads `KAFKA_BOOTSTRAP_SERVERS` and passes every other `KAFKA_*` through: `KAFKA_SASL_MECHANISM` is the property
    /// `sasl.mechanism`. A property librdkafka does not know is refused when the first client is made. What Kafka's own
    /// scripts read (`KAFKA_HOME`, `KAFKA_HEAP_OPTS`, …) is theirs.
    public init(environment: [String: String]) {
        self.init()
        for (name, value) in environment where name.hasPrefix("KAFKA_") && !value.isEmpty {
            guard name != "KAFKA_HOME", !name.hasSuffix("_OPTS") else { continue }
            let property = name.dropFirst("KAFKA_".count).lowercased().map { $0 == "_" ? "." : $0 }
            properties[String(property)] = value
        }
    }

    /// What every client sets before the properties of the environment.
    static let common = [
        "client.id": "marquee",
        "socket.nagle.disable": "true",
        "reconnect.backoff.ms": "50",
        "reconnect.backoff.max.ms": "1000",
        "topic.metadata.refresh.interval.ms": "60000",
        "log.connection.close": "false",
        // A topic that a broker makes by itself has another partition count than is declared.
        "allow.auto.create.topics": "false",
    ]

    /// Producers that must not lose or reorder: idempotent, acknowledged by all, tried for ever.
    static let reliableProducer = [
        "enable.idempotence": "true",
        "acks": "all",
        "linger.ms": "0",
        "message.timeout.ms": "0",
        "partitioner": "murmur2_random",
        "queue.buffering.max.kbytes": "8192",
        "queue.buffering.max.messages": "20000",
    ]

    /// The outbox relay's: as `reliableProducer`, but what it hands over together goes in one request, when it flushes.
    /// With `linger.ms=0` the first records of a batch go alone and librdkafka, which has no more than five records of a
    /// partition under way then, spins for the rest until they are answered.
    static let outboxProducer = reliableProducer.merging(["linger.ms": "5"]) { $1 }

    /// Producers that may lose.
    static let lossyProducer = [
        "acks": "1",
        "linger.ms": "20",
        "message.timeout.ms": "10000",
        "partitioner": "murmur2_random",
        "queue.buffering.max.kbytes": "8192",
        "queue.buffering.max.messages": "20000",
    ]

    /// Consumers: offsets are ours, an offset outside the log is an error, the end of a partition is told.
    static let consumer = [
        "enable.auto.commit": "false",
        "enable.auto.offset.store": "false",
        "auto.offset.reset": "error",
        "enable.partition.eof": "true",
        "partition.assignment.strategy": "range",
        "fetch.wait.max.ms": "50",
        "fetch.min.bytes": "1",
        "fetch.error.backoff.ms": "50",
        "queued.max.messages.kbytes": "16384",
        "fetch.message.max.bytes": "262144",
        "max.poll.interval.ms": "600000",
        "session.timeout.ms": "10000",
        "heartbeat.interval.ms": "2000",
        "topic.metadata.refresh.interval.ms": "5000",
    ]
}
