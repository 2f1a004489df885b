import Contracts
public import EventBus
public import Persistence
public import System

/// Whose accounts are banned or gone, as `user-events` tells it.
///
/// A service takes ``tables`` over into its schema and hands the events of a ban, its end and a deletion to
/// `Transaction.follow(account:erasing:)`. `banned_users` is a projection; `erased_users` is truth: it keeps what is still to
/// be erased, and what must never come back.
public enum AccountStanding {
    /// The tables, as part of a migration.
    public static let tables = """
        CREATE TABLE banned_users (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erased_users (
            user_id BLOB PRIMARY KEY CHECK (length(user_id) = 16),
            erasure_id BLOB CHECK (length(erasure_id) = 16),
            event_id BLOB CHECK (length(event_id) = 16),
            done INTEGER NOT NULL CHECK (done IN (0, 1))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX erased_users_open ON erased_users (user_id) WHERE done = 0;
        """
}

extension Transaction {
    /// Applies what `user-events` says of somebody's standing: a ban, its end, a deletion. Other events change nothing.
    ///
    /// - Parameters:
    ///   - event: Its payload must decode, `EventError` otherwise.
    ///   - erasing: Woken when there is an account to erase.
    public borrowing func follow(account event: Event, erasing: DueWork) throws {
        switch event.type {
        case UserBanned.type: try ban(try event.decode(UserBanned.self).userID)
        case UserUnbanned.type: try unban(try event.decode(UserUnbanned.self).userID)
        case UserDeleted.type:
            let deleted = try event.decode(UserDeleted.self)
            try beginErasure(of: deleted.userID, deleted.erasureID, event: event.id)
            afterCommit { erasing.wake() }
        default: break  // Nothing that decides what somebody may do.
        }
    }

    /// Notes that an account may not act.
    public borrowing func ban(_ user: Identifier) throws {
        try execute("INSERT INTO banned_users (user_id) VALUES (\(user)) ON CONFLICT DO NOTHING")
    }

    /// Notes that an account may act again.
    public borrowing func unban(_ user: Identifier) throws {
        try execute("DELETE FROM banned_users WHERE user_id = \(user)")
    }
}

extension Connection {
    /// Whether an account may not act.
    public func isBanned(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM banned_users WHERE user_id = \(user)")
    }

    /// Whether an account is gone.
    public func isErased(_ user: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM erased_users WHERE user_id = \(user)")
    }

    /// Refuses who may not act: 403 when banned, 401 when the account is gone and the token not yet revoked.
    public func checkStanding(of user: Identifier) throws {
        if try isBanned(user) { throw Problem(.userBanned) }
        if try isErased(user) { throw Problem(.tokenRevoked) }
    }
}
