import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// What Chat hears of people: cards, blocks, bans and erasures. Each does the same a second time.
struct PeopleEvents: Sendable {
    /// Woken when there is something to erase.
    let erasing: DueWork
    let live: Live
    /// Told when a card has become known.
    let contacts: Changes<Contact>
    /// Told who is gone.
    let forget: @Sendable (Identifier) -> Void

    func apply(_ event: Event, _ transaction: borrowing Transaction) throws {
        switch event.type {
        case UserProfile.type: try noteProfile(event, transaction)
        case UserRegistered.type:
            let user = try event.decode(UserRegistered.self).userID
            try transaction.makeContact(user)
            transaction.afterCommit { [contacts] in contacts.announce(user) }
        case UserBlocked.type: try noteBlock(try event.decode(UserBlocked.self), event, transaction)
        case UserUnblocked.type: try noteBlock(try event.decode(UserUnblocked.self), event, transaction)
        case UserDeleted.type:
            try transaction.follow(account: event, erasing: erasing)
            // The name goes at once.
            let user = try event.decode(UserDeleted.self).userID
            try transaction.removeContact(user)
            transaction.afterCommit { [forget] in forget(user) }
        default: try transaction.follow(account: event, erasing: erasing)
        }
    }

    private func noteBlock<Name: EventName>(
        _ change: UserChange<Name>,
        _ event: Event,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.follow(block: event)
        guard let other = change.targetID else { return }
        let user = change.userID
        let isBlock = try transaction.connection.isBlock(between: user, and: other)
        transaction.afterCommit { [live] in live.note(block: isBlock, between: user, and: other) }
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
        transaction.afterCommit { [contacts] in contacts.announce(contact.userID) }
    }
}
