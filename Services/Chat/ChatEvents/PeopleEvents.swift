import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Chat hears of people: cards, blocks, bans and erasures. Each does the same a second time.
struct PeopleEvents: Sendable {
    /// Woken when there is something to erase.
    let erasing: DueWork

    func apply(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case UserProfile.type: try noteProfile(event, transaction)
        case UserRegistered.type: try transaction.makeContact(try event.decode(UserRegistered.self).userID)
        case UserBanned.type: try transaction.ban(try event.decode(UserBanned.self).userID)
        case UserUnbanned.type: try transaction.unban(try event.decode(UserUnbanned.self).userID)
        case UserBlocked.type:
            let change = try event.decode(UserBlocked.self)
            if let other = change.targetID { try transaction.setBlock(change.userID, other, true) }
        case UserUnblocked.type:
            let change = try event.decode(UserUnblocked.self)
            if let other = change.targetID { try transaction.setBlock(change.userID, other, false) }
        case UserDeleted.type:
            let deleted = try event.decode(UserDeleted.self)
            try transaction.beginErasure(of: deleted.userID, deleted.erasureID, event: event.id)
            transaction.afterCommit { [erasing] in erasing.wake() }
        default: break  // Nothing that rooms depend on.
        }
    }

    private func noteProfile(_ event: Event, _ transaction: borrowing Transaction) throws {
        guard event.value != nil else {
            guard let user = Identifier(event.key) else { throw EventError(.undecodable, "the key is no user id") }
            return try transaction.removeContact(user)
        }
        let profile = try event.decode(UserProfile.self)
        let contact = Contact(
            userID: profile.userID,
            handle: profile.handle.lowercased(),
            name: profile.displayName
        )
        try transaction.save(contact, sequence: event.sequence ?? 0)
    }
}
