import Contracts
import EventBus
import Persistence
import System

/// What Auth does about changes of accounts. What it publishes stands where it happens: `Audit` and `SessionRows.end`.
struct AuthEvents: Sendable {
    let store: AuthStore
    let secrets: AuthSecrets

    /// Handles one event of `user-events` or `user-profiles`.
    func handle(_ event: Event, _ transaction: borrowing Transaction) throws {
        let now = store.clock.now
        let cause = EventCause(event)
        switch event.type {
        case UserProfile.type: try follow(event, transaction)
        case UserPasswordChanged.type:
            let change = try event.decode(UserPasswordChanged.self)
            try endSessions(of: change.userID, before: change.timestamp, "password_changed", cause, transaction, now)
        case UserEmailChanged.type:
            try PasswordRecovery.forget(try event.decode(UserEmailChanged.self).userID, transaction)
        case UserBanned.type:
            let change = try event.decode(UserBanned.self)
            try endSessions(of: change.userID, before: change.timestamp, "banned", cause, transaction, now)
        case UserDeleted.type:
            let change = try event.decode(UserDeleted.self)
            try endSessions(of: change.userID, before: now, "deleted", cause, transaction, now)
            try transaction.erase(change.userID, at: now)
            let receipt = UserErased(
                userID: change.userID,
                erasureID: change.erasureID,
                service: "auth",
                timestamp: now
            )
            try transaction.publish(receipt, at: now, cause: cause, source: "/auth")
        case UserRoleChanged.type:
            let change = try event.decode(UserRoleChanged.self)
            guard let role = change.role else { return }
            try SessionRows.setRole(transaction, role, of: change.userID)
            try SecondFactorRows.forgetChallenges(transaction, of: change.userID)
            // Access tokens that still say the old role end; sessions go on and get the new role at their next refresh.
            let revoked = SessionRevoked(
                userID: change.userID,
                sessionID: nil,
                notBefore: now,
                reason: "role_changed"
            )
            try transaction.publish(revoked, at: now, cause: cause)
        default: return
        }
    }

    private func follow(_ event: Event, _ transaction: borrowing Transaction) throws {
        guard event.value != nil else {
            guard let user = Identifier(event.key) else { throw EventError(.undecodable, "the key is no user id") }
            return try AccountRows.forget(transaction, user)
        }
        try AccountRows.save(transaction, try event.decode(), sequence: event.sequence ?? 0, secrets)
    }

    /// Sessions are revoked one by one: a log-in after the change is not hit, however late this event comes.
    private func endSessions(
        of userID: Identifier,
        before time: Timestamp,
        _ reason: String,
        _ cause: EventCause,
        _ transaction: borrowing Transaction,
        _ now: Timestamp
    ) throws {
        try SecondFactorRows.forgetChallenges(transaction, of: userID)
        for session in try SessionRows.active(transaction.connection, of: userID) where session.createdAt <= time {
            try Audit.record(transaction, TokenRevoked.self, session, reason: reason, at: now, .none, cause: cause)
            try SessionRows.end(transaction, session, reason: reason, at: now, .none, cause: cause)
        }
    }
}
