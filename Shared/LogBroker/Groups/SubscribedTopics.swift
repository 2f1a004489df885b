import EventLog
import KafkaProtocol

/// The topics of the broker, for who subscribes to them.
struct TopicCatalog: Sendable {
    struct Topic: Sendable, Equatable {
        let id: TopicID
        let partitions: Int32
    }

    /// Rises with every change of the topics.
    let version: UInt64
    let topic: @Sendable (String) -> Topic?
    /// The names of all topics that an expression may stand for.
    let names: @Sendable () -> [String]

    init(
        version: UInt64,
        topic: @escaping @Sendable (String) -> Topic?,
        names: @escaping @Sendable () -> [String]
    ) {
        (self.version, self.topic, self.names) = (version, topic, names)
    }

    init(_ store: LogStore) {
        version = store.topicsVersion
        topic = { name in store.topic(named: name).map { Topic(id: TopicID($0.id), partitions: $0.partitions) } }
        names = { store.topics.map(\.name).filter { !InternalTopic.isOne($0) } }
    }
}

/// What the members of a group subscribe to, looked up.
struct SubscribedTopics: Sendable {
    /// Whether subscriptions have changed since.
    var isStale = true
    private var version: UInt64 = 0
    private var found: [String: TopicCatalog.Topic] = [:]
    /// What each expression stands for, of the names that were there.
    private var expressions: [String: Set<String>] = [:]
    private var names: Set<String> = []

    /// Whether it has to be looked up again.
    func isCurrent(_ catalog: TopicCatalog) -> Bool { !isStale && version == catalog.version }

    /// Looks the topics up. `mayDescribe` says whether the client that causes it may know of a topic: an expression stands
    /// for no other.
    mutating func update(
        _ subscriptions: some Sequence<MemberSubscription>,
        from catalog: TopicCatalog,
        mayDescribe: (String) -> Bool
    ) {
        var subscribed: Set<String> = []
        var wanted: Set<String> = []
        for subscription in subscriptions {
            subscribed.formUnion(subscription.topics)
            if let text = subscription.expression, !text.isEmpty { wanted.insert(text) }
        }
        match(wanted, catalog, mayDescribe)
        for matched in expressions.values { subscribed.formUnion(matched) }
        found = [:]
        for name in subscribed { found[name] = catalog.topic(name) }
        version = catalog.version
        isStale = false
    }

    /// Only new names are matched, and all with a new expression: topics may be many.
    private mutating func match(_ wanted: Set<String>, _ catalog: TopicCatalog, _ mayDescribe: (String) -> Bool) {
        guard !wanted.isEmpty else {
            (expressions, names) = ([:], [])
            return
        }
        let present = version == catalog.version && !names.isEmpty ? names : Set(catalog.names())
        let new = present.subtracting(names)
        var matched: [String: Set<String>] = [:]
        for text in wanted {
            let known = expressions[text]
            let expression = try? RegularExpression(text)
            let found = (known == nil ? present : new).filter { expression?.matches($0) ?? false && mayDescribe($0) }
            matched[text] = known.map { $0.intersection(present).union(found) } ?? found
        }
        (expressions, names) = (matched, present)
    }

    /// The topics that exist of those that a member subscribes to.
    func topics(of subscription: MemberSubscription) -> Set<TopicID> {
        let matched = subscription.expression.flatMap { expressions[$0] } ?? []
        return Set(subscription.topics.union(matched).compactMap { found[$0]?.id })
    }

    /// The number of partitions of each topic.
    var partitions: [TopicID: Int32] {
        var counts: [TopicID: Int32] = [:]
        for topic in found.values { counts[topic.id] = topic.partitions }
        return counts
    }

    /// Whether a member reads the topic of this name.
    func contains(_ name: String) -> Bool { found[name] != nil }

    /// Another one for other topics or partitions (FNV-1a); 0 for none.
    var hash: Int64 {
        guard !found.isEmpty else { return 0 }
        var writer = WireWriter()
        for (name, topic) in found.sorted(by: { $0.key < $1.key }) {
            writer.string(name)
            writer.topicID(topic.id)
            writer.int32(topic.partitions)
        }
        let hash = writer.bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
