import Contracts
import Persistence
import System

/// Messages and how far they were read.
extension RoomLedger {
    mutating func send(_ sent: ChatMessageSent, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(sent.roomID, transaction),
            try transaction.connection.role(of: sent.authorID, in: room.id) != nil
        else { return .refused(.notFound) }
        let known = try transaction.connection.message(sent.clientMessageID, by: sent.authorID, in: room.id)
        if let known {
            return .accepted(Receipt(roomID: room.id, change: known.change, message: known, isRepeat: true))
        }
        room.seq += 1
        let change = room.next(.message, seq: room.seq, actorID: sent.authorID, at: sent.timestamp)
        let message = Message(
            id: sent.messageID,
            roomID: room.id,
            seq: room.seq,
            change: change.change,
            authorID: sent.authorID,
            clientMessageID: sent.clientMessageID,
            body: sent.body,
            createdAt: sent.timestamp
        )
        try transaction.insert(message)
        try transaction.noteMentions(of: message, at: change.change)
        // Who writes has read what was there.
        try transaction.setRead(room.seq, change: change.change, by: sent.authorID, in: room.id)
        return try note(change, in: room, about: message, transaction)
    }

    mutating func edit(_ edited: ChatMessageEdited, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(edited.roomID, transaction),
            try transaction.connection.role(of: edited.actorID, in: room.id) != nil,
            let old = try transaction.connection.message(edited.seq, in: room.id)
        else { return .refused(.notFound) }
        guard old.authorID == edited.actorID else { return .refused(.forbidden) }
        guard old.deletedAt == nil else { return .refused(.messageDeleted) }
        guard old.body != edited.body else { return nothing(in: room) }
        var message = old
        message.body = edited.body
        message.editedAt = edited.timestamp
        try transaction.update(message, from: old)
        let change = room.next(.edited, seq: old.seq, actorID: edited.actorID, at: edited.timestamp)
        try transaction.noteMentions(of: message, insteadOf: old, at: change.change)
        return try note(change, in: room, about: message, transaction)
    }

    mutating func delete(_ deleted: ChatMessageDeleted, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(deleted.roomID, transaction),
            let role = try transaction.connection.role(of: deleted.actorID, in: room.id),
            let old = try transaction.connection.message(deleted.seq, in: room.id)
        else { return .refused(.notFound) }
        guard old.authorID == deleted.actorID || role.looksAfterOthers else { return .refused(.forbidden) }
        guard old.deletedAt == nil else { return nothing(in: room) }
        var message = old
        message.body = nil
        message.deletedAt = deleted.timestamp
        try transaction.update(message, from: old)
        try transaction.noteMentions(of: message, insteadOf: old, at: old.change)
        let change = room.next(.deleted, seq: old.seq, actorID: deleted.actorID, at: deleted.timestamp)
        return try note(change, in: room, about: message, transaction)
    }

    mutating func read(_ read: ChatRead, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(read.roomID, transaction),
            let member = try transaction.connection.member(read.userID, of: room.id)
        else { return .refused(.notFound) }
        // More than there is cannot have been read.
        let seq = min(read.seq, room.seq)
        // Who has read the last message has seen what was made of those before.
        let reached =
            try seq == room.seq ? room.change : transaction.connection.message(seq, in: room.id)?.change ?? 0
        let isPrivate = read.isPrivate == true
        guard seq > (isPrivate ? member.lastRead : member.readSeq) else {
            if reached > member.readChange {
                try transaction.setRead(member.readSeq, change: reached, by: read.userID, in: room.id)
                noteRead(by: read.userID, in: room)
            }
            return nothing(in: room)
        }
        noteRead(by: read.userID, in: room)
        guard !isPrivate else {
            try transaction.setPrivatelyRead(seq, change: reached, by: read.userID, in: room.id)
            return nothing(in: room)
        }
        try transaction.setRead(seq, change: reached, by: read.userID, in: room.id)
        let change = room.next(.read, seq: seq, userID: read.userID, at: read.timestamp)
        return try note(change, in: room, transaction)
    }

    mutating func deliver(_ delivered: ChatDelivered, _ transaction: borrowing Transaction) throws -> Verdict {
        guard var room = try room(delivered.roomID, transaction),
            let member = try transaction.connection.member(delivered.userID, of: room.id)
        else { return .refused(.notFound) }
        let seq = min(delivered.seq, room.seq)
        // That something came is not told once it was read: what was read in private would be told so.
        guard room.members <= Room.maximumNoted, seq > max(member.deliveredSeq, member.lastRead) else {
            return nothing(in: room)
        }
        try transaction.setDelivered(seq, to: delivered.userID, in: room.id)
        let change = room.next(.delivered, seq: seq, userID: delivered.userID, at: delivered.timestamp)
        return try note(change, in: room, transaction)
    }

    mutating func mute(_ muted: ChatRoomMuted, _ transaction: borrowing Transaction) throws -> Verdict {
        guard let room = try room(muted.roomID, transaction),
            try transaction.connection.role(of: muted.userID, in: room.id) != nil
        else { return .refused(.notFound) }
        try transaction.setMuted(muted.isMuted, by: muted.userID, in: room.id)
        return nothing(in: room)
    }
}
