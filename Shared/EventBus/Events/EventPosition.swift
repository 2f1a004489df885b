public import System

/// The place of an event in the log, and when the broker got it.
public struct EventPosition: Sendable, Hashable {
    /// A partition of a topic.
    public struct Partition: Sendable, Hashable {
        /// The topic.
        public let topic: String
        /// The partition's number.
        public let partition: Int32

        /// A partition of a topic.
        public init(topic: String, partition: Int32) {
            self.topic = topic
            self.partition = partition
        }
    }

    /// Where it lies.
    public let partition: Partition
    /// Its offset there.
    public let offset: Int64
    /// The record's time: set by the producer or, where the topic says so, by the broker.
    public let time: Timestamp

    init(_ record: KafkaRecord) {
        partition = Partition(topic: record.topic, partition: record.partition)
        offset = record.offset
        time = Timestamp(milliseconds: record.timestamp)
    }
}
