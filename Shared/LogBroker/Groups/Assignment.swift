import KafkaProtocol

/// A partition by its topic's id: a topic made anew under an old name has others.
struct TopicIDPartition: Sendable, Hashable {
    let topic: TopicID
    let partition: Int32
}

/// What a member of a group reads, or is to read.
typealias Assignment = Set<TopicIDPartition>

extension Set<TopicIDPartition> {
    /// The partitions of each topic, in order; the order of the topics is that of their ids.
    var byTopic: [(topic: TopicID, partitions: [Int32])] {
        Dictionary(grouping: self, by: \.topic)
            .sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
            .map { (topic: $0.key, partitions: $0.value.map(\.partition).sorted()) }
    }

    /// What a member says that it reads.
    init(_ topics: [ConsumerGroupHeartbeatRequest.TopicPartitions]) {
        self.init()
        for topic in topics {
            for partition in topic.partitions { insert(TopicIDPartition(topic: topic.topicID, partition: partition)) }
        }
    }

    /// An array of (topic id, array of i32), in the flexible form.
    init(from reader: inout WireReader) throws(WireError) {
        self.init()
        let topics = try reader.array { (reader: inout WireReader) throws(WireError) in
            let topic = try reader.topicID()
            let partitions = try reader.array { (reader: inout WireReader) throws(WireError) in try reader.int32() }
            try reader.skipTags()
            return (topic, partitions)
        }
        for (topic, partitions) in topics {
            for partition in partitions { insert(TopicIDPartition(topic: topic, partition: partition)) }
        }
    }

    func encode(to writer: inout WireWriter) {
        writer.array(byTopic) { writer, element in
            writer.topicID(element.topic)
            writer.array(element.partitions) { writer, partition in writer.int32(partition) }
            writer.tags()
        }
    }
}
