import Contracts
import Security
import System

/// A room as it stands after some of its records.
struct Room: Sendable, Equatable {
    /// Members of a group at most.
    static let maximumMembers = 1000
    /// Members of a room in which what has reached their devices is noted: each mark is told to each of them.
    static let maximumNoted = 64

    let id: Identifier
    let type: ChatRoomType
    var title: String?
    let requestDigest: String?
    let createdAt: Timestamp
    /// The number of the last message; 0 before the first.
    var seq: Int64 = 0
    /// The number of the last thing that happened.
    var change: Int64 = 0
    /// How many are in it.
    var members: Int = 0

    /// The one room of two people, whoever asks for it first and at whichever process.
    static func direct(_ one: Identifier, _ other: Identifier) -> Identifier {
        derived("direct\n\(min(one, other))\n\(max(one, other))")
    }

    /// The group that somebody makes under an `Idempotency-Key`.
    static func group(of user: Identifier, key: String) -> Identifier { derived("group\n\(user)\n\(key)") }

    /// What happens next, under the room's next number.
    mutating func next(
        _ kind: RoomChange.Kind,
        seq: Int64? = nil,
        actorID: Identifier? = nil,
        userID: Identifier? = nil,
        detail: String? = nil,
        at time: Timestamp
    ) -> RoomChange {
        change += 1
        return RoomChange(
            roomID: id,
            change: change,
            kind: kind,
            seq: seq,
            actorID: actorID,
            userID: userID,
            detail: detail,
            at: time
        )
    }

    private static func derived(_ text: String) -> Identifier {
        guard let id = Identifier(digest: HashFunction.sha256.digest("/chat\n\(text)")) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return id
    }
}

/// Somebody in a room.
struct Member: Sendable, Equatable {
    let userID: Identifier
    var role: ChatRole
    /// The change that brought them.
    let joinedChange: Int64
    /// The number of the last message that they have read, or wrote.
    var readSeq: Int64
    /// The same of what they have read without telling.
    var privateReadSeq: Int64 = 0
    /// The last change that they had seen when they last read something: mentions after it are unread.
    var readChange: Int64
    /// The number of the last message that has reached one of their devices, as far as it was noted.
    var deliveredSeq: Int64 = 0
    var isMuted = false

    /// How far they have read, for their own eyes.
    var lastRead: Int64 { max(readSeq, privateReadSeq) }

    /// How many messages they have not read.
    func unread(in room: Room) -> Int64 { max(0, room.seq - lastRead) }

    /// How far messages have reached them, for all eyes: what was read has come.
    var shownDeliveredSeq: Int64 { max(readSeq, deliveredSeq) }
}

extension ChatRole {
    /// Whether members come and go by it, and others' messages are deleted.
    var looksAfterOthers: Bool { self != .member }

    /// Whether it decides about another: the owner about all, an admin about members.
    func decides(about other: ChatRole) -> Bool { self == .owner || self == .admin && other == .member }
}
