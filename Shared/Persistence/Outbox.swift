public import System

/// A record on its way to the broker, in columns as Debezium's outbox router expects them. Written by a transaction
/// beside the state that it tells of, sent in row order by EventBus's relay, deleted when its delivery is reported.
public struct OutboxRow: Sendable, Equatable {
    /// The row's number, never used twice; 0 before it is appended.
    public var id: Int64
    /// The event's id; for a record that is no event, an id of its own.
    public var eventID: Identifier
    /// The topic to send to.
    public var topic: String
    /// What kind of thing the event is about, such as `user`; for people.
    public var aggregateType: String
    /// The record's key; nil for a record without one (dead letters of such).
    public var aggregateID: [UInt8]?
    /// The event's type, such as `user.registered`; for people.
    public var type: String
    /// The record's value; nil for a tombstone.
    public var payload: [UInt8]?
    /// The record's headers in order; names may repeat.
    public var headers: [OutboxHeader]

    /// A row to append.
    public init(
        eventID: Identifier,
        topic: String,
        aggregateType: String,
        aggregateID: [UInt8]?,
        type: String,
        payload: [UInt8]?,
        headers: [OutboxHeader]
    ) {
        self.id = 0
        self.eventID = eventID
        self.topic = topic
        self.aggregateType = aggregateType
        self.aggregateID = aggregateID
        self.type = type
        self.payload = payload
        self.headers = headers
    }
}

/// A header of a record.
public struct OutboxHeader: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its value; nil is Kafka's null.
    public var value: [UInt8]?

    /// A header with bytes.
    public init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    /// A header with text.
    public init(_ name: String, text: String) {
        self.init(name, Array(text.utf8))
    }
}

extension Transaction {
    /// Appends a record to the outbox and says the row's number. Its commit wakes the relay.
    @discardableResult
    public borrowing func appendToOutbox(_ row: OutboxRow) throws -> Int64 {
        let id: Int64? = try value(
            """
            INSERT INTO outbox (event_id, topic, aggregatetype, aggregateid, type, payload, headers)
            VALUES (\(row.eventID), \(row.topic), \(row.aggregateType), \(row.aggregateID), \(row.type), \(row.payload),
            \(HeaderCodec.encode(row.headers))) RETURNING id
            """
        )
        guard let id else { throw DatabaseError(.other, "the outbox returned no row number") }
        var appended = row
        appended.id = id
        note(appended)
        return id
    }

    /// Removes the rows up to a number, all of them delivered.
    public borrowing func deleteFromOutbox(through id: Int64) throws {
        try execute("DELETE FROM outbox WHERE id <= \(id)")
    }
}

extension Database {
    /// The rows after a number, in order: from memory when they were committed lately, else from the file.
    public func outbox(after id: Int64, limit: Int) async throws -> [OutboxRow] {
        if let rows = outboxTail.rows(after: id, limit: limit) { return rows }
        return try await read { try $0.outbox(after: id, limit: limit) }
    }
}

extension Connection {
    /// The rows after a number, in order.
    public func outbox(after id: Int64, limit: Int) throws -> [OutboxRow] {
        try rows(
            """
            SELECT id, event_id, topic, aggregatetype, aggregateid, type, payload, headers FROM outbox
            WHERE id > \(id) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            guard let headers = HeaderCodec.decode(try row[7]) else {
                throw DatabaseError(.decoding, "headers of outbox row \(try row[0] as Int64)")
            }
            var decoded = OutboxRow(
                eventID: try row[1],
                topic: try row[2],
                aggregateType: try row[3],
                aggregateID: try row[4],
                type: try row[5],
                payload: try row[6],
                headers: headers
            )
            decoded.id = try row[0]
            return decoded
        }
    }

    /// Rows that wait for their delivery. Counts them: for metrics and tests.
    public func outboxCount() throws -> Int {
        try value("SELECT count(*) FROM outbox") ?? 0
    }
}

enum Outbox {
    static let schema = """
        CREATE TABLE IF NOT EXISTS outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id BLOB NOT NULL CHECK (length(event_id) = 16),
            topic TEXT NOT NULL,
            aggregatetype TEXT NOT NULL,
            aggregateid BLOB,
            type TEXT NOT NULL,
            payload BLOB,
            headers BLOB NOT NULL
        ) STRICT;

        """
}

/// Headers as one BLOB. Each is: name length (4 bytes, big-endian), name, value length (4 bytes, all ones for null), value.
enum HeaderCodec {
    static func encode(_ headers: [OutboxHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            append(UInt32(header.name.utf8.count), to: &bytes)
            bytes += header.name.utf8
            append(header.value.map { UInt32($0.count) } ?? .max, to: &bytes)
            bytes += header.value ?? []
        }
        return bytes
    }

    /// Nil when the bytes are damaged.
    static func decode(_ bytes: [UInt8]) -> [OutboxHeader]? {
        var headers: [OutboxHeader] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let nameLength = length(&rest), let name = take(Int(nameLength), &rest),
                let valueLength = length(&rest)
            else { return nil }
            if valueLength == .max {
                headers.append(OutboxHeader(String(decoding: name, as: UTF8.self), nil))
            } else {
                guard let value = take(Int(valueLength), &rest) else { return nil }
                headers.append(OutboxHeader(String(decoding: name, as: UTF8.self), Array(value)))
            }
        }
        return headers
    }

    private static func append(_ length: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }

    private static func length(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
        take(4, &rest)?.reduce(0) { length, byte in length << 8 | UInt32(byte) }
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
