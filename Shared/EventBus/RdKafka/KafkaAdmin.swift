import CRdKafka

/// A topic as the cluster has it.
struct TopicDescription: Sendable {
    let name: String
    let partitions: Int
}

/// Administration over any client. All of it blocks.
extension KafkaClient {
    /// How long a first answer may take: callers try again, and a stop must not wait for a broker that is away.
    private static let presenceMilliseconds: Int32 = 1000

    /// Makes the topics that do not exist, each record on so many brokers; -1 leaves that to the cluster.
    ///
    /// - Throws: `broker` when the cluster is not reached within the time or refuses one.
    func create(_ topics: [Topic], copies: Int, timeoutMilliseconds: Int32) throws(EventError) {
        guard !topics.isEmpty else { return }
        var wanted: [OpaquePointer?] = unsafe []
        defer { unsafe rd_kafka_NewTopic_destroy_array(&wanted, wanted.count) }
        for topic in topics { unsafe wanted.append(try Self.newTopic(topic, copies: copies)) }
        let options = unsafe rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        unsafe _ = rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, nil, 0)
        let queue = unsafe rd_kafka_queue_new(handle)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        unsafe rd_kafka_CreateTopics(handle, &wanted, wanted.count, options, queue)
        guard let event = unsafe rd_kafka_queue_poll(queue, timeoutMilliseconds + 1000) else {
            throw EventError(.broker, "create topics: no answer")
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        let code = unsafe rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw EventError(.broker, "create topics: \(Self.name(code))")
        }
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        for index in 0..<count {
            let result = unsafe results?[index]
            let code = unsafe rd_kafka_topic_result_error(result)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            let name = unsafe String(cString: rd_kafka_topic_result_name(result))
            throw EventError(.broker, "create topic \(name): \(Self.name(code))")
        }
    }

    private static func newTopic(_ topic: Topic, copies: Int) throws(EventError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 256)
        let partitions = Int32(clamping: topic.partitions)
        let copies = Int32(clamping: copies)
        guard let new = unsafe rd_kafka_NewTopic_new(topic.name, partitions, copies, &text, text.count) else {
            throw EventError(.broker, "\(topic.name): \(string(text))")
        }
        for (name, value) in topic.configuration { unsafe _ = rd_kafka_NewTopic_set_config(new, name, value) }
        return unsafe new
    }

    /// The topics of the cluster, without internal ones, by name.
    func describeTopics(timeoutMilliseconds: Int32) throws(EventError) -> [TopicDescription] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(handle, 1, nil, &metadata, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
            throw EventError(.broker, "metadata: \(Self.name(code))")
        }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        let topics = unsafe (0..<Int(metadata.pointee.topic_cnt)).compactMap { index -> TopicDescription? in
            let topic = unsafe metadata.pointee.topics[index]
            let name = unsafe String(cString: topic.topic)
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, !name.hasPrefix("__") else { return nil }
            return unsafe TopicDescription(name: name, partitions: Int(topic.partition_cnt))
        }
        return topics.sorted { $0.name < $1.name }
    }

    /// Makes what is missing and refuses another partition count than declared.
    ///
    /// - Throws: `partitionCount`, or `broker` while the cluster is not reached.
    func ensure(_ topics: [Topic], copies: Int, timeoutMilliseconds: Int32) throws(EventError) {
        let before = try describeTopics(timeoutMilliseconds: min(timeoutMilliseconds, Self.presenceMilliseconds))
        let known = Dictionary(uniqueKeysWithValues: before.map { ($0.name, $0.partitions) })
        for topic in topics {
            if let count = known[topic.name], count != topic.partitions {
                throw EventError(
                    .partitionCount,
                    "\(topic.name) has \(count) partitions, \(topic.partitions) are declared"
                )
            }
        }
        try create(
            topics.filter { known[$0.name] == nil },
            copies: copies,
            timeoutMilliseconds: timeoutMilliseconds
        )
    }

    /// As `ensure`, but hands back what may pass: why the cluster was not reached.
    func ensureOrReason(
        _ topics: [Topic],
        copies: Int,
        timeoutMilliseconds: Int32
    ) throws(EventError) -> EventError? {
        do throws(EventError) {
            try ensure(topics, copies: copies, timeoutMilliseconds: timeoutMilliseconds)
            return nil
        } catch {
            if error.code == .broker { return error }
            throw error
        }
    }
}
