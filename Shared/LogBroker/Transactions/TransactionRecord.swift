import KafkaProtocol

/// A record of `__transaction_state`, in Apache Kafka's form (TransactionLogKey 0, TransactionLogValue 0).
///
///     key:   version i16 = 0 | transactionalId string
///     value: version i16 = 0 | producerId i64 | producerEpoch i16 | timeoutMs i32 | status i8
///            | nullable array of (topic string, array of partition i32) | lastUpdate i64 | start i64; absent: forgotten
struct TransactionRecord: Sendable, Equatable {
    static let version: Int16 = 0

    let id: String
    let transaction: Transaction?

    var key: [UInt8] {
        var writer = WireWriter()
        writer.int16(Self.version)
        writer.string(id)
        return writer.bytes
    }

    var value: [UInt8]? {
        guard let transaction else { return nil }
        var writer = WireWriter()
        writer.int16(Self.version)
        writer.int64(transaction.producer.id)
        writer.int16(transaction.producer.epoch)
        writer.int32(transaction.timeout)
        writer.int8(transaction.status.rawValue)
        let topics = Dictionary(grouping: transaction.partitions, by: \.topic)
        writer.array(transaction.status == .empty ? nil : Array(topics)) { writer, topic in
            writer.string(topic.key)
            writer.array(topic.value) { writer, place in writer.int32(place.partition) }
        }
        writer.int64(transaction.updated)
        writer.int64(transaction.started)
        return writer.bytes
    }

    init(_ transaction: Transaction) {
        id = transaction.id
        self.transaction = transaction
    }

    /// Says that the id is forgotten.
    init(forgetting id: String) {
        self.id = id
        transaction = nil
    }

    /// Reads a record; nil for one of another kind. Errors: what the bytes lack.
    init?(_ record: Record) throws(WireError) {
        guard let key = record.key else { return nil }
        var reader = WireReader(Array(key))
        guard try reader.int16() == Self.version else { return nil }
        id = try reader.string()
        guard let bytes = record.value else {
            transaction = nil
            return
        }
        var value = WireReader(Array(bytes))
        guard try value.int16() == Self.version else { return nil }
        let producer = ProducerIdentity(id: try value.int64(), epoch: try value.int16())
        var transaction = Transaction(id: id, producer: producer, timeout: try value.int32(), updated: 0)
        guard let status = Transaction.Status(rawValue: try value.int8()) else { return nil }
        transaction.status = status
        let topics = try value.nullableArray { (reader: inout WireReader) throws(WireError) in
            let topic = try reader.string()
            return try reader.array { (reader: inout WireReader) throws(WireError) in
                TopicPartition(topic: topic, partition: try reader.int32())
            }
        }
        transaction.partitions = Set((topics ?? []).joined())
        transaction.updated = try value.int64()
        transaction.started = try value.int64()
        self.transaction = transaction
    }
}
