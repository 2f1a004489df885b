public import EventBus
public import System

// Who is there (`presence-events`): key the user's id, by each Chat process for the sockets that it holds; lossy, kept an hour.

/// A word about somebody's presence.
public protocol PresenceRecord: EventPayload {
    /// Who.
    var userID: Identifier { get }
}

extension PresenceRecord {
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .presenceEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/chat" }
    /// See ``EventPayload/key``.
    public var key: String { userID.description }
}

/// Somebody has a socket open at a process; repeated while that is so, and believed until `expires_at`.
public struct PresenceOnline: PresenceRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "presence.online"

    /// How present somebody is.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Does something.
        case online
        /// Has done nothing for a while.
        case away
    }

    /// Who.
    public var userID: Identifier
    /// The process that holds the sockets: another one each start.
    public var processID: Identifier
    /// How present they are.
    public var state: State
    /// When they did something last.
    public var activeAt: Timestamp
    /// Until when this is believed without another word of the process.
    public var expiresAt: Timestamp
    /// When it was said.
    public var timestamp: Timestamp

    /// Makes a state.
    public init(
        userID: Identifier,
        processID: Identifier,
        state: State,
        activeAt: Timestamp,
        expiresAt: Timestamp,
        timestamp: Timestamp
    ) {
        self.userID = userID
        self.processID = processID
        self.state = state
        self.activeAt = activeAt
        self.expiresAt = expiresAt
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case processID = "process_id"
        case activeAt = "active_at"
        case expiresAt = "expires_at"
        case state, timestamp
    }
}

/// The last socket that somebody had at a process is closed.
public struct PresenceOffline: PresenceRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "presence.offline"

    /// Who.
    public var userID: Identifier
    /// The process.
    public var processID: Identifier
    /// When they did something last.
    public var activeAt: Timestamp
    /// When it was said.
    public var timestamp: Timestamp

    /// Makes a state.
    public init(userID: Identifier, processID: Identifier, activeAt: Timestamp, timestamp: Timestamp) {
        self.userID = userID
        self.processID = processID
        self.activeAt = activeAt
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case processID = "process_id"
        case activeAt = "active_at"
        case timestamp
    }
}

/// Somebody writes a message, or has ceased to.
public struct PresenceTyping: PresenceRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "presence.typing"

    /// Who.
    public var userID: Identifier
    /// In which room.
    public var roomID: Identifier
    /// The process.
    public var processID: Identifier
    /// Until when it is believed without another word; the same as `timestamp` when it has ceased.
    public var expiresAt: Timestamp
    /// When it was said.
    public var timestamp: Timestamp

    /// Makes a state.
    public init(
        userID: Identifier,
        roomID: Identifier,
        processID: Identifier,
        expiresAt: Timestamp,
        timestamp: Timestamp
    ) {
        self.userID = userID
        self.roomID = roomID
        self.processID = processID
        self.expiresAt = expiresAt
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case roomID = "room_id"
        case processID = "process_id"
        case expiresAt = "expires_at"
        case timestamp
    }
}

/// Somebody has seen a room up to a message: what was to be told of it need not be told any more.
public struct PresenceSeen: PresenceRecord, Equatable {
    /// See ``EventPayload/type``.
    public static let type = "presence.seen"

    /// Who.
    public var userID: Identifier
    /// Which room.
    public var roomID: Identifier
    /// The number of the last message that was seen.
    public var seq: Int64
    /// When it was said.
    public var timestamp: Timestamp

    /// Makes a state.
    public init(userID: Identifier, roomID: Identifier, seq: Int64, timestamp: Timestamp) {
        self.userID = userID
        self.roomID = roomID
        self.seq = seq
        self.timestamp = timestamp
    }

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case roomID = "room_id"
        case seq, timestamp
    }
}
