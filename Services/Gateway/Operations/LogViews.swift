import EventBus
import HTTPCore
import Security
import ServiceKit
import System

/// A topic for operators.
struct TopicView: Encodable, Sendable {
    struct Partition: Encodable, Sendable {
        var partition: Int
        /// The offset of the first record.
        var start: Int64
        /// The offset of the next record to come.
        var end: Int64
    }

    var name: String
    var records: Int64
    var partitions: [Partition]

    init(_ topic: TopicState) {
        name = topic.name
        records = topic.partitions.reduce(0) { $0 + Int64($1.count) }
        partitions = topic.partitions.enumerated().map {
            Partition(partition: $0.offset, start: $0.element.lowerBound, end: $0.element.upperBound)
        }
    }
}

/// A consumer group for operators.
struct GroupView: Encodable, Sendable {
    struct Member: Encodable, Sendable {
        var clientID: String
        var host: String
        var partitions: Int

        enum CodingKeys: String, CodingKey {
            case clientID = "client_id"
            case host, partitions
        }
    }

    struct Place: Encodable, Sendable {
        var topic: String
        var partition: Int32
        var committed: Int64
        var lag: Int64
    }

    var name: String
    var state: String
    var lag: Int64
    var members: [Member]
    var offsets: [Place]

    init(_ group: GroupState) {
        name = group.name
        state = group.state
        lag = group.places.reduce(0) { $0 + $1.lag }
        members = group.members.map { Member(clientID: $0.clientID, host: $0.host, partitions: $0.partitions) }
        offsets = group.places.map {
            Place(topic: $0.topic, partition: $0.partition, committed: $0.committed, lag: $0.lag)
        }
    }
}

/// A topic of dead letters for operators.
struct DeadLetterView: Encodable, Sendable {
    var topic: String
    var source: String
    var group: String
    var records: Int64
    var pending: Int64

    init(_ letters: DeadLetterTopic) {
        topic = letters.topic
        source = letters.source
        group = letters.group
        records = letters.records
        pending = letters.pending
    }
}

/// What a look at records asks for: `?partition=&offset=&limit=&payload=true`.
struct RecordsRequest: Sendable, Equatable {
    /// Records shown when nothing is said.
    static let defaultLimit = 20

    let partition: Int
    /// Nil is the newest ones.
    let offset: Int64?
    let limit: Int
    let isUnmasked: Bool

    init(_ query: QueryItems, limit maximum: Int) throws(Problem) {
        func value(_ name: String) -> String? { query.items.first { $0.name == name }?.value }
        func number<Value: FixedWidthInteger>(_ name: String, _ range: ClosedRange<Value>) throws(Problem) -> Value? {
            guard let text = value(name) else { return nil }
            guard let number = Value(text), range.contains(number) else {
                throw .invalid(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        partition = try number("partition", 0...Int(Int32.max)) ?? 0
        offset = try number("offset", 0...Int64.max)
        limit = try number("limit", 1...maximum) ?? Self.defaultLimit
        switch value("payload") {
        case nil, "false": isUnmasked = false
        case "true": isUnmasked = true
        default: throw .invalid("payload", "true or false")
        }
    }
}

/// A stretch of a partition for operators.
struct RecordsView: Encodable, Sendable {
    struct Record: Encodable, Sendable {
        var offset: Int64
        var timestamp: Timestamp
        var key: String?
        var headers: [String: String]
        /// Bytes of the value; null is a tombstone.
        var size: Int?
        /// The value as text, when asked for.
        var value: String?
        /// The value in base64 when it is no text.
        var base64: String?

        enum CodingKeys: String, CodingKey {
            case base64 = "value_base64"
            case offset, timestamp, key, headers, size, value
        }
    }

    var items: [Record]
    var start: Int64
    var end: Int64
    var nextOffset: Int64

    enum CodingKeys: String, CodingKey {
        case nextOffset = "next_offset"
        case items, start, end
    }

    init(_ records: [StoredRecord], from first: Int64, in bounds: Range<Int64>, isUnmasked: Bool) {
        items = records.map { Record($0, isUnmasked: isUnmasked) }
        start = bounds.lowerBound
        end = bounds.upperBound
        nextOffset = records.last.map { $0.offset + 1 } ?? first
    }
}

extension RecordsView.Record {
    fileprivate init(_ record: StoredRecord, isUnmasked: Bool) {
        offset = record.offset
        timestamp = Timestamp(milliseconds: record.timestamp)
        key = record.key.map { String(decoding: $0, as: UTF8.self) }
        headers = Dictionary(record.headers.map { ($0.name, $0.text ?? "") }) { _, last in last }
        size = record.value?.count
        guard isUnmasked, let bytes = record.value else { return }
        value = String(validating: bytes, as: UTF8.self)
        if value == nil { base64 = Base64.encode(bytes) }
    }
}
