public import EventBus
public import System

/// An admin read payloads of records (`audit.payloads-read`): told before they are shown.
public struct PayloadsRead: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "audit.payloads-read"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.auditEvents
    /// See ``EventPayload/source``.
    public static let source = "/gateway"

    /// The admin.
    public var userID: Identifier
    /// The topic read.
    public var readTopic: String
    /// Its partition.
    public var partition: Int
    /// The first offset.
    public var offset: Int64
    /// How many records.
    public var count: Int
    /// When.
    public var timestamp: Timestamp

    /// Makes the payload.
    public init(
        userID: Identifier,
        readTopic: String,
        partition: Int,
        offset: Int64,
        count: Int,
        timestamp: Timestamp
    ) {
        self.userID = userID
        self.readTopic = readTopic
        self.partition = partition
        self.offset = offset
        self.count = count
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case readTopic = "topic"
        case partition, offset, count, timestamp
    }
}

/// An admin sent dead letters back to their group (`audit.dead-letters-redriven`).
public struct DeadLettersRedriven: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "audit.dead-letters-redriven"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.auditEvents
    /// See ``EventPayload/source``.
    public static let source = "/gateway"

    /// The admin.
    public var userID: Identifier
    /// The topic of dead letters.
    public var deadLetters: String
    /// How many were to be sent at most.
    public var limit: Int
    /// When.
    public var timestamp: Timestamp

    /// Makes the payload.
    public init(userID: Identifier, deadLetters: String, limit: Int, timestamp: Timestamp) {
        self.userID = userID
        self.deadLetters = deadLetters
        self.limit = limit
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { userID.description }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case deadLetters = "topic"
        case limit, timestamp
    }
}
