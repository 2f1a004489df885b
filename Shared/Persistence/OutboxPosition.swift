/// The place of an event among those of its source: the number of its outbox row, which each record carries in a header,
/// in one partition of a topic. A source sends its rows in ascending order, so whoever has applied a row there has applied
/// those before it.
public struct OutboxPosition: Sendable, Hashable {
    /// What one source sends to one partition.
    public struct Stream: Sendable, Hashable {
        /// The service whose outbox it was, such as `/user` (`ce_source`).
        public var source: String
        /// The topic.
        public var topic: String
        /// The partition.
        public var partition: Int32

        /// A stream.
        public init(source: String, topic: String, partition: Int32) {
            self.source = source
            self.topic = topic
            self.partition = partition
        }
    }

    /// The source and where it sent to.
    public var stream: Stream
    /// The number of the outbox row.
    public var row: Int64

    /// A place.
    public init(stream: Stream, row: Int64) {
        self.stream = stream
        self.row = row
    }

    static let schema = """
        CREATE TABLE IF NOT EXISTS applied_positions (
            group_name TEXT NOT NULL,
            source TEXT NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            outbox_row INTEGER NOT NULL,
            PRIMARY KEY (group_name, source, topic, partition)
        ) STRICT, WITHOUT ROWID;

        """
}

extension Transaction {
    /// Keeps the last row that a group has applied, in the transaction of its effect; an older one, sent again, changes
    /// nothing.
    public borrowing func setAppliedPosition(_ position: OutboxPosition, group: String) throws {
        let stream = position.stream
        try execute(
            """
            INSERT INTO applied_positions (group_name, source, topic, partition, outbox_row)
            VALUES (\(group), \(stream.source), \(stream.topic), \(stream.partition), \(position.row))
            ON CONFLICT DO UPDATE SET outbox_row = excluded.outbox_row WHERE excluded.outbox_row > outbox_row
            """
        )
    }
}

extension Connection {
    /// The last rows that a group has applied, one a stream.
    public func appliedPositions(group: String) throws -> [OutboxPosition] {
        try rows(
            "SELECT source, topic, partition, outbox_row FROM applied_positions WHERE group_name = \(group)"
        ) { row in
            OutboxPosition(
                stream: OutboxPosition.Stream(source: try row[0], topic: try row[1], partition: try row[2]),
                row: try row[3]
            )
        }
    }
}
