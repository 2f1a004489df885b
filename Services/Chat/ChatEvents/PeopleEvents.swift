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
        case UserBlocked.type, UserUnblocked.type: try transaction.follow(block: event)
        case UserDeleted.type:
            try transaction.follow(account: event, erasing: erasing)
            // The name goes at once.
            try transaction.removeContact(try event.decode(UserDeleted.self).userID)
        default: try transaction.follow(account: event, erasing: erasing)
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
