public import Contracts
public import Persistence
import ServiceKit
import System

/// Kinds are stored as their names.
extension ColumnValue where Self: RawRepresentable, RawValue == String {
    /// TEXT.
    public var stored: StoredValue { .text(rawValue) }

    /// From TEXT.
    public init?(stored: StoredValue) {
        guard let text = String(stored: stored) else { return nil }
        self.init(rawValue: text)
    }
}

extension ChatRoomType: ColumnValue {}
extension ChatRole: ColumnValue {}
extension RoomChange.Kind: ColumnValue {}

extension Connection {
    func room(_ id: Identifier) throws -> Room? {
        try first(
            """
            SELECT id, type, title, request_digest, created_at, seq, change, members FROM rooms WHERE id = \(id)
            """,
            Self.room
        )
    }

    private static func room(_ row: borrowing Row) throws -> Room {
        Room(
            id: try row[0],
            type: try row[1],
            title: try row[2],
            requestDigest: try row[3],
            createdAt: try row[4],
            seq: try row[5],
            change: try row[6],
            members: Int(try row[7] as Int64)
        )
    }

    /// What somebody is in a room; nil of who is not in it.
    func role(of user: Identifier, in room: Identifier) throws -> ChatRole? {
        let role: ChatRole?? = try first(
            "SELECT role FROM members WHERE room_id = \(room) AND user_id = \(user)"
        ) { try $0[0] }
        return role ?? nil
    }

    private static let memberColumns: SQL = """
        user_id, role, joined_change, read_seq, private_read_seq, is_muted, read_change, delivered_seq
        """

    func member(_ user: Identifier, of room: Identifier) throws -> Member? {
        try first(
            """
            SELECT \(Self.memberColumns) FROM members
            WHERE room_id = \(room) AND user_id = \(user) AND role IS NOT NULL
            """,
            Self.member
        )
    }

    /// Those in a room, by their ids.
    func members(of room: Identifier) throws -> [Member] {
        try rows(
            """
            SELECT \(Self.memberColumns) FROM members
            WHERE room_id = \(room) AND role IS NOT NULL ORDER BY user_id
            """,
            Self.member
        )
    }

    private static func member(_ row: borrowing Row) throws -> Member {
        Member(
            userID: try row[0],
            role: try row[1],
            joinedChange: try row[2],
            readSeq: try row[3],
            privateReadSeq: try row[4],
            readChange: try row[6],
            deliveredSeq: try row[7],
            isMuted: try row[5]
        )
    }

    /// The rooms somebody is in, by their ids, after one.
    func rooms(of user: Identifier, after room: Identifier?, limit: Int) throws -> [Identifier] {
        try rows(
            """
            SELECT room_id FROM members WHERE user_id = \(user) AND room_id > \(room?.bytes ?? []) AND role IS NOT NULL
            ORDER BY room_id LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    /// Whether somebody is or was in a room.
    func wasMember(_ user: Identifier, of room: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM members WHERE room_id = \(room) AND user_id = \(user)")
    }

    /// Some of the rooms that somebody is or was in.
    func roomsEver(of user: Identifier, limit: Int) throws -> [Identifier] {
        try rows("SELECT room_id FROM members WHERE user_id = \(user) LIMIT \(limit)") { try $0[0] }
    }

    /// All rooms that somebody is in, with what they are there, and who is a stranger.
    func company(of user: Identifier) throws -> Company {
        let rooms = try rows(
            """
            SELECT m.room_id, m.role, r.type FROM members m JOIN rooms r ON r.id = m.room_id
            WHERE m.user_id = \(user) AND m.role IS NOT NULL
            """
        ) { row in
            let (room, type): (Identifier, ChatRoomType) = (try row[0], try row[2])
            let peer = type == .direct ? try peer(of: user, in: room) : nil
            return (room: room, membership: Membership(role: try row[1], peer: peer))
        }
        return Company(rooms: rooms, strangers: try strangers(to: user))
    }

    /// The other one of a direct room.
    func peer(of user: Identifier, in room: Identifier) throws -> Identifier? {
        try value("SELECT user_id FROM members WHERE room_id = \(room) AND user_id <> \(user) LIMIT 1")
    }

    /// Whether a room is a direct one of two people of whom one wants nothing from the other.
    func isRefused(_ user: Identifier, in id: Identifier) throws -> Bool {
        guard try room(id)?.type == .direct, let peer = try peer(of: user, in: id) else { return false }
        return try isBlock(between: user, and: peer)
    }

    /// Who takes a group over: who has looked after it longest, else who is in it longest.
    func heir(of room: Identifier) throws -> Identifier? {
        for role in [ChatRole.admin, .member] {
            let heir: Identifier? = try value(
                """
                SELECT user_id FROM members WHERE room_id = \(room) AND role = \(role)
                ORDER BY joined_change, user_id LIMIT 1
                """
            )
            if let heir { return heir }
        }
        return nil
    }

    /// What happened in a room after a change, with the messages as they are now.
    func changes(
        of room: Identifier,
        after change: Int64,
        upTo last: Int64 = .max,
        limit: Int
    ) throws -> [(RoomChange, Message?)] {
        let changes = try rows(
            """
            SELECT room_id, change, kind, seq, actor_id, user_id, detail, at FROM changes
            WHERE room_id = \(room) AND change > \(change) AND change <= \(last) ORDER BY change LIMIT \(limit)
            """
        ) { row in
            RoomChange(
                roomID: try row[0],
                change: try row[1],
                kind: try row[2],
                seq: try row[3],
                actorID: try row[4],
                userID: try row[5],
                detail: try row[6],
                at: try row[7]
            )
        }
        return try changes.map { change in
            guard change.kind == .message || change.kind == .edited, let seq = change.seq else { return (change, nil) }
            return (change, try message(seq, in: room))
        }
    }
}

extension Transaction {
    borrowing func insert(_ room: Room) throws {
        try execute(
            """
            INSERT INTO rooms (id, type, title, request_digest, created_at, seq, change, members)
            VALUES (\(room.id), \(room.type), \(room.title), \(room.requestDigest), \(room.createdAt), \(room.seq),
                \(room.change), \(Int64(room.members)))
            """
        )
    }

    borrowing func update(_ room: Room) throws {
        try execute(
            """
            UPDATE rooms SET title = \(room.title), seq = \(room.seq), change = \(room.change),
                members = \(Int64(room.members))
            WHERE id = \(room.id)
            """
        )
    }

    borrowing func insert(_ change: RoomChange) throws {
        try execute(
            """
            INSERT INTO changes (room_id, change, kind, seq, actor_id, user_id, detail, at)
            VALUES (\(change.roomID), \(change.change), \(change.kind), \(change.seq), \(change.actorID),
                \(change.userID), \(change.detail), \(change.at))
            """
        )
    }

    /// Somebody comes, or comes back, or gets another role.
    borrowing func save(_ member: Member, in room: Identifier) throws {
        try execute(
            """
            INSERT INTO members (room_id, user_id, role, joined_change, read_seq, read_change)
            VALUES (\(room), \(member.userID), \(member.role), \(member.joinedChange), \(member.readSeq),
                \(member.readChange))
            ON CONFLICT DO UPDATE SET role = excluded.role, joined_change = excluded.joined_change,
                read_seq = max(read_seq, excluded.read_seq), read_change = max(read_change, excluded.read_change)
            """
        )
    }

    /// Somebody goes; that they were here stays known, for the sake of what they wrote.
    borrowing func removeMember(_ user: Identifier, from room: Identifier) throws {
        try execute("UPDATE members SET role = NULL, is_muted = 0 WHERE room_id = \(room) AND user_id = \(user)")
    }

    /// Somebody has read up to a message, and seen what happened up to a change.
    borrowing func setRead(_ seq: Int64, change: Int64, by user: Identifier, in room: Identifier) throws {
        try execute(
            """
            UPDATE members SET read_seq = \(seq), read_change = max(read_change, \(change))
            WHERE room_id = \(room) AND user_id = \(user)
            """
        )
    }

    borrowing func setPrivatelyRead(_ seq: Int64, change: Int64, by user: Identifier, in room: Identifier) throws {
        try execute(
            """
            UPDATE members SET private_read_seq = \(seq), read_change = max(read_change, \(change))
            WHERE room_id = \(room) AND user_id = \(user)
            """
        )
    }

    borrowing func setDelivered(_ seq: Int64, to user: Identifier, in room: Identifier) throws {
        try execute("UPDATE members SET delivered_seq = \(seq) WHERE room_id = \(room) AND user_id = \(user)")
    }

    borrowing func setMuted(_ isMuted: Bool, by user: Identifier, in room: Identifier) throws {
        try execute("UPDATE members SET is_muted = \(isMuted) WHERE room_id = \(room) AND user_id = \(user)")
    }
}
