import Contracts
import Persistence
import System

/// Rooms and who is in them.
extension RoomLedger {
    mutating func create(_ created: ChatRoomCreated, _ transaction: borrowing Transaction) throws -> Verdict {
        if let known = try room(created.roomID, transaction) {
            guard known.requestDigest == created.requestDigest else { return .refused(.idempotencyMismatch) }
            return .accepted(Receipt(roomID: known.id, change: known.change, isRepeat: true))
        }
        let isDirect = created.roomType == .direct
        let people = Array(created.memberIDs.prefix(isDirect ? 2 : Room.maximumMembers))
        var room = Room(
            id: created.roomID,
            type: created.roomType,
            title: isDirect ? nil : created.title,
            requestDigest: created.requestDigest,
            createdAt: created.timestamp,
            members: people.count
        )
        let change = room.next(.created, actorID: created.creatorID, detail: room.title, at: created.timestamp)
        try transaction.insert(room)
        var memberships: [(user: Identifier, membership: Membership?)] = []
        for user in people {
            let role = user == created.creatorID && !isDirect ? ChatRole.owner : .member
            let member = Member(
                userID: user,
                role: role,
                joinedChange: change.change,
                readSeq: 0,
                readChange: change.change
            )
            try transaction.save(member, in: room.id)
            memberships.append((user, Membership(role: role, peer: isDirect ? people.first { $0 != user } : nil)))
        }
        return try note(change, in: room, memberships: memberships, transaction)
    }

    mutating func rename(_ changed: ChatRoomChanged, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(changed.roomID, transaction),
            let role = try transaction.connection.role(of: changed.actorID, in: room.id)
        else { return .refused(.notFound) }
        guard room.type == .group, role.looksAfterOthers else { return .refused(.forbidden) }
        guard room.title != changed.title else { return nothing(in: room) }
        room.title = changed.title
        let change = room.next(.renamed, actorID: changed.actorID, detail: changed.title, at: changed.timestamp)
        return try note(change, in: room, transaction)
    }

    mutating func join(_ joined: ChatMemberJoined, _ transaction: borrowing Transaction) throws -> Verdict {
        guard let room = try room(joined.roomID, transaction),
            let actor = try transaction.connection.role(of: joined.actorID, in: room.id)
        else { return .refused(.notFound) }
        guard room.type == .group, actor.looksAfterOthers else { return .refused(.forbidden) }
        let present = try transaction.connection.role(of: joined.userID, in: room.id)
        guard present != joined.role else { return nothing(in: room) }
        // Only the owner makes admins and owners, or changes what they are.
        guard actor == .owner || joined.role == .member && present == nil else { return .refused(.forbidden) }
        // The owner passes the group on, but does not put it down.
        guard present != .owner else { return .refused(.forbidden) }
        guard present != nil || room.members < Room.maximumMembers else { return .refused(.roomFull) }
        if joined.role == .owner {
            try take(joined.actorID, as: .admin, by: joined, transaction)
        }
        try take(joined.userID, as: joined.role, by: joined, transaction)
        return .accepted(Receipt(roomID: room.id, change: try lastChange(of: room, transaction)))
    }

    /// Gives somebody a role, and tells it.
    private mutating func take(
        _ user: Identifier,
        as role: ChatRole,
        by joined: ChatMemberJoined,
        _ transaction: borrowing Transaction
    ) throws {
        guard var room = try room(joined.roomID, transaction) else { return }
        let present = try transaction.connection.member(user, of: room.id)
        if present == nil { room.members += 1 }
        let change = room.next(
            .joined,
            actorID: joined.actorID,
            userID: user,
            detail: role.rawValue,
            at: joined.timestamp
        )
        let member = Member(
            userID: user,
            role: role,
            joinedChange: present?.joinedChange ?? change.change,
            readSeq: present?.readSeq ?? room.seq,
            readChange: present?.readChange ?? change.change
        )
        try transaction.save(member, in: room.id)
        try note(change, in: room, memberships: [(user, Membership(role: role))], transaction)
    }

    mutating func leave(_ left: ChatMemberLeft, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(left.roomID, transaction) else { return .refused(.notFound) }
        let present = try transaction.connection.role(of: left.userID, in: room.id)
        if left.reason != .erased {
            guard let actor = try transaction.connection.role(of: left.actorID, in: room.id) else {
                return .refused(.notFound)
            }
            guard room.type == .group else { return .refused(.forbidden) }
            guard let present else { return nothing(in: room) }
            guard left.actorID == left.userID || actor.decides(about: present) else { return .refused(.forbidden) }
            try transaction.removeMember(left.userID, from: room.id)
        } else {
            guard try transaction.connection.wasMember(left.userID, of: room.id) else { return nothing(in: room) }
            try transaction.forget(left.userID, in: room.id, at: left.timestamp)
        }
        if present != nil { room.members -= 1 }
        let isErased = left.reason == .erased
        let change = room.next(
            .left,
            actorID: isErased ? nil : left.actorID,
            userID: isErased ? nil : left.userID,
            detail: left.reason.rawValue,
            at: left.timestamp
        )
        try note(change, in: room, memberships: [(left.userID, nil)], transaction)
        if present == .owner { try inherit(left, transaction) }
        return .accepted(Receipt(roomID: room.id, change: try lastChange(of: room, transaction)))
    }

    /// A group whose owner has gone gets another.
    private mutating func inherit(_ left: ChatMemberLeft, _ transaction: borrowing Transaction) throws {
        guard let heir = try transaction.connection.heir(of: left.roomID) else { return }
        let joined = ChatMemberJoined(
            roomID: left.roomID,
            userID: heir,
            role: .owner,
            actorID: heir,
            timestamp: left.timestamp
        )
        try take(heir, as: .owner, by: joined, transaction)
    }
}
