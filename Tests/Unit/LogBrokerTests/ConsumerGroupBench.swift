import KafkaProtocol

@testable import LogBroker

/// A group whose assignments the broker makes, with topics and a clock of the test's own.
struct ConsumerGroupBench {
    static let second: UInt64 = 1_000_000_000
    var group = ConsumerGroup(id: "g", now: 0)
    /// Partitions by topic; a topic's id is made of its name.
    var topics: [String: Int32] = ["t": 6] {
        didSet { version += 1 }
    }
    var hidden: Set<String> = []
    var now: UInt64 = 0
    private var version: UInt64 = 1

    init() {}

    static func id(_ topic: String) -> TopicID {
        TopicID(high: 1, low: topic.utf8.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private var surroundings: GroupSurroundings {
        var settings = ConsumerGroupSettings()
        settings.sessionTimeout = 10_000
        settings.maximumSize = 3
        let (topics, hidden) = (topics, hidden)
        let catalog = TopicCatalog(version: version) { name in
            topics[name].map { .init(id: Self.id(name), partitions: $0) }
        } names: {
            topics.keys.sorted()
        }
        return GroupSurroundings(
            settings: settings,
            catalog: catalog,
            client: GroupClient(id: "c", host: "/127.0.0.1"),
            mayDescribe: { !hidden.contains($0) },
            now: now
        )
    }

    /// Joins as Apache Kafka's clients do.
    mutating func join(
        _ member: String,
        topics: [String]? = ["t"],
        expression: String? = nil,
        instance: String? = nil,
        assignor: String? = nil
    ) throws -> ConsumerGroupHeartbeatResponse {
        let request = ConsumerGroupHeartbeatRequest(
            groupID: "g",
            memberID: member,
            instanceID: instance,
            rebalanceTimeoutMs: 5000,
            subscribedTopicNames: topics,
            subscribedTopicRegex: expression,
            serverAssignor: assignor,
            topicPartitions: []
        )
        return try group.heartbeat(request, surroundings)
    }

    /// A heartbeat that says nothing new but, maybe, what the member reads.
    mutating func beat(_ member: String, _ epoch: Int32, owned: Assignment? = nil, instance: String? = nil) throws
        -> ConsumerGroupHeartbeatResponse
    {
        let request = ConsumerGroupHeartbeatRequest(
            groupID: "g",
            memberID: member,
            memberEpoch: epoch,
            instanceID: instance,
            topicPartitions: owned.map { owned in
                owned.byTopic.map { .init(topicID: $0.topic, partitions: $0.partitions) }
            }
        )
        return try group.heartbeat(request, surroundings)
    }

    mutating func leave(_ member: String, _ epoch: Int32 = -1, instance: String? = nil) throws {
        let request = ConsumerGroupHeartbeatRequest(
            groupID: "g",
            memberID: member,
            memberEpoch: epoch,
            instanceID: instance
        )
        _ = try group.leave(request, now: now)
    }

    /// Beats for all until nothing changes, where each gives up at once what it has to.
    mutating func settle() throws {
        for _ in 0..<10 {
            for id in group.members.keys.sorted() {
                guard let standing = group.members[id]?.standing, standing.epoch >= 0 else { continue }
                let instance = group.members[id]?.subscription.instanceID
                _ = try beat(id, standing.epoch, owned: standing.assigned, instance: instance)
            }
        }
    }

    func assigned(_ member: String) -> Assignment { group.members[member]?.standing.assigned ?? [] }
    func epoch(_ member: String) -> Int32 { group.members[member]?.standing.epoch ?? -100 }

    /// The group as a start finds it.
    mutating func restart() throws {
        var restored = ConsumerGroup(id: "g", now: 0)
        for change in group.takeChanges() { log[change] = group.record(of: change) }
        // Each record goes through its bytes.
        for record in log.values.shuffled() {
            var builder = RecordBatchBuilder()
            builder.append(timestamp: 1, key: record.key[...], value: record.value.map { $0[...] })
            var cursor = try RecordCursor(try builder.finish())
            if let read = try cursor.next(), let again = try ConsumerGroupRecord(read) { restored.restore(again) }
        }
        restored.resume(now: now, sessionTimeout: 10 * Self.second)
        group = restored
    }

    private var log: [ConsumerGroup.Change: ConsumerGroupRecord] = [:]
}
