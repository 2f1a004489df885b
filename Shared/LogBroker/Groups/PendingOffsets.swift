import KafkaProtocol

/// Offsets that transactions under way have given: they count when their transaction commits (KIP-98), and until then a
/// client that asks for stable offsets has to wait (KIP-447). Pure.
struct PendingOffsets: Sendable {
    private var producers: [Int64: [String: [TopicPartition: OffsetRecord]]] = [:]

    /// Whether any transaction has given some.
    var isEmpty: Bool { producers.isEmpty }

    /// The producer's transaction gives an offset; a later one for the same partition takes its place.
    mutating func add(_ record: OffsetRecord, by producer: Int64) {
        producers[producer, default: [:]][record.group, default: [:]][record.partition] = record
    }

    /// What was given was not stored.
    mutating func remove(_ record: OffsetRecord, by producer: Int64) {
        producers[producer]?[record.group]?[record.partition] = nil
    }

    /// The group's offset of the partition was deleted: what transactions gave for it before is gone too.
    mutating func delete(_ record: OffsetRecord) {
        for producer in producers.keys {
            let given = producers[producer]?[record.group]?[record.partition]
            if let given, given.position < record.position { remove(given, by: producer) }
        }
    }

    /// The producer's transaction is over; what it has given.
    mutating func end(_ producer: Int64) -> [OffsetRecord] {
        (producers.removeValue(forKey: producer) ?? [:]).values.flatMap(\.values)
    }

    /// The partitions for which the group's offset may change with the end of a transaction.
    func partitions(of group: String) -> Set<TopicPartition> {
        producers.values.reduce(into: []) { $0.formUnion($1[group, default: [:]].keys) }
    }
}
