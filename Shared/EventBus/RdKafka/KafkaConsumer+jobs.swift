import CRdKafka
import System

/// What a member of a group needs whose places are the broker's.
extension KafkaConsumer {
    /// In place of an offset: where the log begins.
    static let logStart = Int64(RD_KAFKA_OFFSET_BEGINNING)

    /// The places that the group has committed; negative where none is. Blocks.
    func committed(of partitions: KafkaPartitions, timeoutMilliseconds: Int32) throws(EventError) -> KafkaPartitions {
        var found = KafkaPartitions([])
        let code = unsafe partitions.withList { list in
            let code = unsafe rd_kafka_committed(client.handle, list, timeoutMilliseconds)
            unsafe found = KafkaPartitions(copying: list)
            return code
        }
        try check("committed", code)
        return found
    }

    /// Stops reading partitions for now; what was read ahead is dropped and read again.
    func pause(_ places: [EventPosition.Partition]) throws(EventError) {
        let list = Self.partitions(places)
        try check("pause", unsafe list.withList { unsafe rd_kafka_pause_partitions(client.handle, $0) })
    }

    /// Goes on reading partitions.
    func resume(_ places: [EventPosition.Partition]) throws(EventError) {
        let list = Self.partitions(places)
        try check("resume", unsafe list.withList { unsafe rd_kafka_resume_partitions(client.handle, $0) })
    }

    /// Goes on reading where the log begins.
    func seekToStart(topic: String, partition: Int32) throws(EventError) {
        let list = KafkaPartitions([(topic, partition, Self.logStart)])
        let error = unsafe list.withList { unsafe rd_kafka_seek_partitions(client.handle, $0, 1000) } ?? nil
        guard let error = unsafe error else { return }
        let code = unsafe rd_kafka_error_code(error)
        unsafe rd_kafka_error_destroy(error)
        try check("seek", code)
    }

    /// Leaves the group, so that others have its partitions at once, and frees everything. Blocks for a moment.
    func leave() {
        unsafe rd_kafka_unsubscribe(client.handle)
        // The broker hears of it from a thread of librdkafka; without an answer the session's end does the same later.
        _ = poll(milliseconds: 100)
        close()
    }

    private static func partitions(_ places: [EventPosition.Partition]) -> KafkaPartitions {
        KafkaPartitions(places.map { ($0.topic, $0.partition, 0) })
    }
}
