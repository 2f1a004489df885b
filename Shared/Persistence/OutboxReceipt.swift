internal import Synchronization

/// The outbox rows that the writes of a task have made durable, so that its answer can say where its events are.
///
///     let receipt = OutboxReceipt()
///     try await OutboxReceipt.$current.withValue(receipt) { try await database.write { … } }
///     receipt.rows
public final class OutboxReceipt: Sendable {
    /// The receipt that `Database.write` fills in this task.
    @TaskLocal public static var current: OutboxReceipt?

    /// A row's number and what decides the partition it goes to.
    public struct Row: Sendable, Hashable {
        /// The row's number.
        public var id: Int64
        /// The topic.
        public var topic: String
        /// The record's key.
        public var key: [UInt8]?

        /// A row.
        public init(id: Int64, topic: String, key: [UInt8]?) {
            self.id = id
            self.topic = topic
            self.key = key
        }
    }

    private let noted = Mutex<[Row]>([])

    /// An empty receipt.
    public init() {}

    /// The rows, in the order of their numbers within one write. Any thread.
    public var rows: [Row] { noted.withLock(\.self) }

    /// Adds rows that are durable; of a topic that is written without an outbox, the places of its records.
    public func note(_ rows: [Row]) {
        noted.withLock { $0 += rows }
    }
}
