import Contracts
import EventBus
import Persistence
import System

// What User publishes.
extension Transaction {
    /// Publishes a change of an account, in the order of its versions.
    borrowing func publishChange<Name: EventName>(
        _ change: UserChange<Name>,
        of user: User,
        traceparent: String?
    ) throws {
        try publish(
            Event(change, at: change.timestamp, sequence: user.version, traceparent: traceparent)
        )
    }

    /// Publishes the whole profile.
    borrowing func publishProfile(of user: User, at time: Timestamp, traceparent: String?) throws {
        try publish(Event(user.profile, at: time, sequence: user.version, traceparent: traceparent))
    }

    /// The profile goes first, so who hears of a registration can greet by name.
    borrowing func publishRegistration(of user: User, at time: Timestamp, traceparent: String?) throws {
        try publishProfile(of: user, at: time, traceparent: traceparent)
        let event = UserRegistered(userID: user.id, locale: user.locale.rawValue, role: user.role, timestamp: time)
        try publish(Event(event, at: time, sequence: user.version, traceparent: traceparent))
    }

    /// The deletion, the end of the profile, and User's own receipt: the row is gone in the same transaction.
    borrowing func publishDeletion(
        of user: User,
        _ erasure: Erasure,
        at time: Timestamp,
        traceparent: String?
    ) throws {
        var user = user
        user.version += 1
        let tombstone = Event(tombstone: user.id.description, of: UserProfile.self, at: time, sequence: user.version)
        try publish(tombstone)
        let deleted = UserDeleted(userID: user.id, erasureID: erasure.id, timestamp: time)
        try publishChange(deleted, of: user, traceparent: traceparent)
        let receipt = UserErased(userID: user.id, erasureID: erasure.id, service: "user", timestamp: time)
        try publishChange(receipt, of: user, traceparent: traceparent)
    }

    /// A block or mute that began or ended.
    borrowing func publishRelation(
        _ kind: Relation,
        exists: Bool,
        of user: User,
        to target: Identifier,
        at time: Timestamp,
        traceparent: String?
    ) throws {
        switch (kind, exists) {
        case (.block, true):
            let event = UserBlocked(userID: user.id, targetID: target, timestamp: time)
            try publishChange(event, of: user, traceparent: traceparent)
        case (.block, false):
            let event = UserUnblocked(userID: user.id, targetID: target, timestamp: time)
            try publishChange(event, of: user, traceparent: traceparent)
        case (.mute, true):
            let event = UserMuted(userID: user.id, targetID: target, timestamp: time)
            try publishChange(event, of: user, traceparent: traceparent)
        case (.mute, false):
            let event = UserUnmuted(userID: user.id, targetID: target, timestamp: time)
            try publishChange(event, of: user, traceparent: traceparent)
        }
    }
}

/// What User hears.
enum UserConsumer {
    /// The group.
    static let group = "user"
    /// The topics.
    static let topics = [Topic.authEvents, Topic.userEvents]
    /// What comes for each log-in many times.
    static let ignored: Set<String> = [TokenRefreshed.type]

    /// Applies one event: log-ins are noted and told to who reads accounts, second factors are noted, receipts of
    /// erasures are kept.
    static func apply(_ event: Event, in transaction: borrowing Transaction, at now: Timestamp) throws {
        switch event.type {
        case LoginSucceeded.type:
            let login = try event.decode(LoginSucceeded.self)
            guard let id = login.userID, try transaction.noteLogin(of: id, at: login.timestamp) else { return }
            let told = UserLoggedIn(userID: id, timestamp: login.timestamp)
            try transaction.publish(told, at: now, cause: EventCause(event))
        case MFAEnabled.type:
            let factor = try event.decode(MFAEnabled.self)
            if let id = factor.userID { try transaction.noteSecondFactor(of: id, at: factor.timestamp) }
        case MFADisabled.type:
            let factor = try event.decode(MFADisabled.self)
            if let id = factor.userID { try transaction.notePasswordAlone(of: id, at: factor.timestamp) }
        case UserErased.type:
            let receipt = try event.decode(UserErased.self)
            guard let erasure = receipt.erasureID, let service = receipt.service else { return }
            try transaction.insertReceipt(of: service, for: erasure, at: receipt.timestamp)
        default: return
        }
    }
}
