import Contracts
import EventBus
import Persistence
import System

/// Decides records of `chat-messages` in the order of the log: a pure function of that order, so every process gives the same
/// numbers, drops the same repeats and refuses the same things. One a batch, on the writer thread.
struct RoomLedger {
    /// What became of a record.
    enum Verdict: Sendable, Equatable {
        case accepted(Receipt)
        case refused(ErrorCode)
    }

    /// What somebody who waits for a record is told.
    struct Receipt: Sendable, Equatable {
        let roomID: Identifier
        /// The room's last change after it.
        let change: Int64
        /// The message that was sent.
        var message: Message?
        /// Whether it was there before.
        var isRepeat = false
    }

    /// What became of a record, by the id of its event and where it lies.
    struct Decision: Sendable {
        let event: Identifier
        let offset: Int64
        let verdict: Verdict
    }

    private var rooms: [Identifier: Room] = [:]
    private var touched: Set<Identifier> = []
    private(set) var decisions: [Decision] = []
    /// What is to be told, in order.
    private(set) var news: [News] = []
    /// Who has read further, for their own eyes.
    private(set) var reads: [RoomMarks.Place] = []

    /// Decides a record. Throws what cannot be decoded: it is no record of any process then.
    mutating func apply(_ event: Event, at offset: Int64, _ transaction: borrowing Transaction) throws {
        let verdict = try decide(event, transaction)
        if let verdict { decisions.append(Decision(event: event.id, offset: offset, verdict: verdict)) }
    }

    /// Stores the rooms as they are now: once, after the last record of a batch.
    mutating func finish(_ transaction: borrowing Transaction) throws {
        for id in touched {
            if let room = rooms[id] { try transaction.update(room) }
        }
        touched = []
    }

    private mutating func decide(_ event: Event, _ transaction: borrowing Transaction) throws -> Verdict? {
        switch event.type {
        case ChatMessageSent.type: try send(try event.decode(), transaction)
        case ChatRead.type: try read(try event.decode(), transaction)
        case ChatDelivered.type: try deliver(try event.decode(), transaction)
        case ChatMessageEdited.type: try edit(try event.decode(), transaction)
        case ChatMessageDeleted.type: try delete(try event.decode(), transaction)
        case ChatRoomCreated.type: try create(try event.decode(), transaction)
        case ChatRoomChanged.type: try rename(try event.decode(), transaction)
        case ChatMemberJoined.type: try join(try event.decode(), transaction)
        case ChatMemberLeft.type: try leave(try event.decode(), transaction)
        case ChatRoomMuted.type: try mute(try event.decode(), transaction)
        default: nil  // Of a later version.
        }
    }

    // MARK: For the decisions

    /// A room as the records before have left it.
    mutating func room(_ id: Identifier, _ transaction: borrowing Transaction) throws -> Room? {
        if let room = rooms[id] { return room }
        let room = try transaction.connection.room(id)
        rooms[id] = room
        return room
    }

    /// Keeps a room as it is after a change, stores and tells the change, and says so to who waits.
    @discardableResult
    mutating func note(
        _ change: RoomChange,
        in room: Room,
        about message: Message? = nil,
        memberships: [(user: Identifier, membership: Membership?)] = [],
        _ transaction: borrowing Transaction
    ) throws -> Verdict {
        rooms[room.id] = room
        touched.insert(room.id)
        try transaction.insert(change)
        var news = News(change, message)
        news.memberships = memberships
        self.news.append(news)
        return .accepted(Receipt(roomID: room.id, change: change.change, message: message))
    }

    mutating func lastChange(of room: Room, _ transaction: borrowing Transaction) throws -> Int64 {
        try self.room(room.id, transaction)?.change ?? room.change
    }

    /// Keeps that somebody has read further.
    mutating func noteRead(by user: Identifier, in room: Room) {
        reads.append(RoomMarks.Place(userID: user, roomID: room.id))
    }

    /// Said of what changes nothing.
    func nothing(in room: Room) -> Verdict { .accepted(Receipt(roomID: room.id, change: room.change)) }
}
