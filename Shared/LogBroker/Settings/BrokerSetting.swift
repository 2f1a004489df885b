import EventLog

/// A setting of the broker itself, by Kafka's name. Those that clients may change while it runs have a legal range.
struct BrokerSetting: Sendable {
    /// Whom a change is for: this broker, or all that have none of their own. There is one broker, but tools use both.
    enum Scope: String {
        case broker
        case byDefault = "default"
    }

    let name: String
    let type: SettingType
    let documentation: String
    /// Nil: read only.
    var range: ClosedRange<Int>?
    let value: @Sendable (BrokerConfiguration) -> String

    /// Where `DynamicSettings` keeps a change.
    static func key(_ name: String, _ scope: Scope) -> String { "\(scope.rawValue):\(name)" }

    static let maximumConnections = "max.connections"
    static let maximumConnectionsPerAddress = "max.connections.per.ip"
    static let groupSessionTimeout = "group.consumer.session.timeout.ms"
    static let groupHeartbeatInterval = "group.consumer.heartbeat.interval.ms"
    static let groupMaximumSize = "group.consumer.max.size"

    /// All that are described. Tools read some of them at their start; the protocol version tells them which calls to
    /// expect.
    static let all: [BrokerSetting] = [
        .init(name: "advertised.listeners", type: .list, documentation: "Empty: the address that a client came to") {
            $0.advertisedListeners.map { "PLAINTEXT://\($0.host):\($0.port)" }.joined(separator: ",")
        },
        .init(name: "auto.create.topics.enable", type: .boolean, documentation: "Asking for a topic may make it") {
            String($0.createsTopics)
        },
        .init(name: "broker.id", type: .int, documentation: "Id of this broker") { String($0.nodeID) },
        .init(name: "default.replication.factor", type: .int, documentation: "There is one replica") { _ in "1" },
        .init(name: "delete.topic.enable", type: .boolean, documentation: "Topics may be deleted") { _ in "true" },
        .init(name: "group.consumer.assignors", type: .list, documentation: "How the broker can divide partitions") {
            _ in
            ServerAssignor.allCases.map(\.rawValue).joined(separator: ",")
        },
        .init(
            name: groupHeartbeatInterval,
            type: .int,
            documentation: "How often members of groups that the broker assigns are heard of",
            range: 100...60_000
        ) { String($0.consumerGroups.heartbeatInterval) },
        .init(
            name: groupMaximumSize,
            type: .int,
            documentation: "Most members of a group that the broker assigns",
            range: 1...Int(Int32.max)
        ) { String($0.consumerGroups.maximumSize) },
        .init(
            name: "group.consumer.migration.policy",
            type: .string,
            documentation: "A group with members stays of its kind"
        ) { _ in "disabled" },
        .init(
            name: groupSessionTimeout,
            type: .int,
            documentation: "How long such a member may be silent",
            range: 1000...1_800_000
        ) { String($0.consumerGroups.sessionTimeout) },
        .init(name: "inter.broker.protocol.version", type: .string, documentation: "What clients may expect") { _ in
            "3.9"
        },
        .init(name: "listeners", type: .list, documentation: "Addresses listened on, with and without TLS and SASL") {
            configuration in
            configuration.hosts.map { "PLAINTEXT://\($0):\(configuration.port)" }.joined(separator: ",")
        },
        .init(name: "log.dirs", type: .string, documentation: "Where the logs are") { $0.dataDirectory },
        .init(name: "log.retention.check.interval.ms", type: .long, documentation: "Between two looks for old segments")
        {
            String($0.log.retentionInterval)
        },
        .init(
            name: maximumConnections,
            type: .int,
            documentation: "Connections at a time",
            range: 1...Int(Int32.max)
        ) { String($0.maximumConnections) },
        .init(
            name: maximumConnectionsPerAddress,
            type: .int,
            documentation: "Connections at a time of one address",
            range: 1...Int(Int32.max)
        ) { String($0.maximumConnectionsPerAddress) },
        .init(name: "message.max.bytes", type: .int, documentation: "Largest record batch of topics that do not say") {
            $0.log.topicDefaults["max.message.bytes"] ?? TopicConfiguration.defaults["max.message.bytes"] ?? ""
        },
        .init(name: "min.insync.replicas", type: .int, documentation: "There is one replica") { _ in "1" },
        .init(name: "node.id", type: .int, documentation: "Id of this broker") { String($0.nodeID) },
        .init(name: "num.partitions", type: .int, documentation: "Partitions of topics for which nobody says") {
            String($0.defaultPartitions)
        },
        .init(name: "offsets.topic.replication.factor", type: .int, documentation: "There is one replica") { _ in "1" },
        .init(name: "queued.max.request.bytes", type: .long, documentation: "Bytes of requests under way") {
            String($0.maximumQueuedBytes)
        },
        .init(name: "socket.request.max.bytes", type: .int, documentation: "Largest request") {
            String($0.maximumRequestBytes)
        },
        .init(name: "transaction.state.log.replication.factor", type: .int, documentation: "There is one replica") {
            _ in "1"
        },
    ]

    static func named(_ name: String) -> BrokerSetting? { all.first { $0.name == name } }

    /// The setting as it is now; of the defaults of all brokers only what was set.
    func described(_ configuration: BrokerConfiguration, _ dynamic: [String: String], _ scope: Scope)
        -> DescribedSetting?
    {
        let own = scope == .broker ? dynamic[Self.key(name, .broker)] : nil
        let byDefault = dynamic[Self.key(name, .byDefault)]
        if scope == .byDefault, byDefault == nil { return nil }
        var synonyms: [DescribedSetting.Synonym] = []
        if let own { synonyms.append(.init(name: name, value: own, source: .dynamicBroker)) }
        if let byDefault { synonyms.append(.init(name: name, value: byDefault, source: .dynamicDefault)) }
        synonyms.append(.init(name: name, value: value(configuration), source: .broker))
        return DescribedSetting(
            name: name,
            value: synonyms[0].value,
            source: synonyms[0].source,
            type: type,
            isReadOnly: range == nil,
            documentation: documentation,
            synonyms: synonyms
        )
    }
}

extension DynamicSettings {
    /// The number that a client has set, if any.
    func number(_ name: String) -> Int? {
        (configuration[BrokerSetting.key(name, .broker)] ?? configuration[BrokerSetting.key(name, .byDefault)])
            .flatMap { Int($0) }
    }

    /// How groups are led whose assignments the broker makes.
    func consumerGroups(_ configured: ConsumerGroupSettings) -> ConsumerGroupSettings {
        var settings = configured
        settings.sessionTimeout = number(BrokerSetting.groupSessionTimeout) ?? settings.sessionTimeout
        settings.heartbeatInterval = number(BrokerSetting.groupHeartbeatInterval) ?? settings.heartbeatInterval
        settings.maximumSize = number(BrokerSetting.groupMaximumSize) ?? settings.maximumSize
        return settings
    }
}
