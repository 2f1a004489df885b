import Contracts
public import EventBus
public import Persistence
public import System

/// Who wants nothing from whom: a projection of `user-events`.
///
/// A service takes ``table`` over into its schema beside ``AccountStanding/tables`` and hands blocks and their ends to
/// `Transaction.follow(block:)`.
public enum Blocks {
    /// The table, as part of a migration.
    public static let table = """
        CREATE TABLE blocks (
            user_id BLOB NOT NULL CHECK (length(user_id) = 16),
            target_id BLOB NOT NULL CHECK (length(target_id) = 16),
            PRIMARY KEY (user_id, target_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blocks_of_target ON blocks (target_id);
        """
}

extension Transaction {
    /// Applies a block or its end. Other events change nothing.
    ///
    /// - Throws: `EventError` when the payload does not decode or names nobody.
    public borrowing func follow(block event: Event) throws {
        switch event.type {
        case UserBlocked.type:
            let change = try event.decode(UserBlocked.self)
            try setBlock(by: change.userID, of: try target(change.targetID), true)
        case UserUnblocked.type:
            let change = try event.decode(UserUnblocked.self)
            try setBlock(by: change.userID, of: try target(change.targetID), false)
        default: break  // Nothing about blocks.
        }
    }

    private borrowing func target(_ id: Identifier?) throws -> Identifier {
        guard let id else { throw EventError(.undecodable, "a block of nobody") }
        return id
    }

    /// Notes whether somebody wants nothing from another, unless one of them is gone.
    public borrowing func setBlock(by user: Identifier, of target: Identifier, _ isBlocked: Bool) throws {
        if isBlocked {
            guard try !connection.isErased(user), try !connection.isErased(target) else { return }
            try execute("INSERT INTO blocks (user_id, target_id) VALUES (\(user), \(target)) ON CONFLICT DO NOTHING")
        } else {
            try execute("DELETE FROM blocks WHERE user_id = \(user) AND target_id = \(target)")
        }
    }

    /// Removes up to `limit` blocks of and by somebody; false while more may be left.
    public borrowing func forgetBlocks(of user: Identifier, limit: Int) throws -> Bool {
        let own = try execute(
            """
            DELETE FROM blocks WHERE (user_id, target_id) IN
            (SELECT user_id, target_id FROM blocks WHERE user_id = \(user) LIMIT \(limit))
            """
        )
        let others = try execute(
            """
            DELETE FROM blocks WHERE (user_id, target_id) IN
            (SELECT user_id, target_id FROM blocks WHERE target_id = \(user) LIMIT \(limit))
            """
        )
        return own < limit && others < limit
    }
}

extension Connection {
    /// Whether somebody wants nothing from another.
    public func hasBlocked(_ user: Identifier, _ other: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM blocks WHERE user_id = \(user) AND target_id = \(other)")
    }

    /// Whether one of two people wants nothing from the other.
    public func isBlock(between user: Identifier, and other: Identifier) throws -> Bool {
        try hasBlocked(user, other) || hasBlocked(other, user)
    }
}
