import Persistence
import ServiceKit
import System

/// Who people are, how they are reached, whom they do not want to hear of, and where they log in from.
extension NotificationStore {
    static func profile(of user: Identifier, _ connection: Connection) throws -> Profile? {
        try connection.rows("SELECT email, name, locale FROM profiles WHERE user_id = \(user)") { row in
            Profile(userID: user, email: try row[0], name: try row[1], locale: Locale(tag: try row[2]))
        }.first
    }

    /// Keeps a profile unless a newer one is known or the user was erased.
    static func save(_ profile: Profile, sequence: Int64, _ transaction: borrowing Transaction) throws {
        guard try !transaction.connection.isErased(profile.userID) else { return }
        try transaction.execute(
            """
            INSERT INTO profiles (user_id, email, name, locale, handle, sequence) VALUES (\(profile.userID),
            \(profile.email), \(profile.name), \(profile.locale.rawValue), \(profile.handle), \(sequence))
            ON CONFLICT DO UPDATE SET email = excluded.email, name = excluded.name, locale = excluded.locale,
            handle = excluded.handle, sequence = excluded.sequence WHERE excluded.sequence >= sequence
            """
        )
    }

    /// Notes a log-in; true when the person has devices and this is none of them. The first of all is no news.
    static func noteLogin(
        of user: Identifier,
        from device: Device,
        at time: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        let hasDevices = try transaction.connection.exists("SELECT 1 FROM devices WHERE user_id = \(user) LIMIT 1")
        let isKnown =
            try transaction.execute(
                """
                UPDATE devices SET seen_at = max(seen_at, \(time))
                WHERE user_id = \(user) AND name = \(device.name) AND network = \(device.network)
                """
            ) == 1
        guard !isKnown else { return false }
        try transaction.execute(
            """
            INSERT INTO devices (user_id, name, network, seen_at)
            VALUES (\(user), \(device.name), \(device.network), \(time))
            """
        )
        try transaction.execute(
            """
            DELETE FROM devices WHERE user_id = \(user) AND seen_at < (SELECT seen_at FROM devices
            WHERE user_id = \(user) ORDER BY seen_at DESC LIMIT 1 OFFSET \(Device.limit - 1))
            """
        )
        return hasDevices
    }

    /// Forgets a person for good: later events about them change nothing.
    static func erase(_ user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("INSERT OR IGNORE INTO erased_users (user_id) VALUES (\(user))")
        try transaction.execute("DELETE FROM profiles WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM notifications WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM devices WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM relations WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM relations WHERE other_id = \(user)")
        try transaction.execute("DELETE FROM chat_members WHERE user_id = \(user)")
        try forgetMentions(of: user, transaction)
        try forgetSeen(by: user, transaction)
        try forgetGroups(of: user, transaction)
        try forgetDeliveries(of: user, transaction)
        try forgetContacts(of: user, transaction)
    }

    // MARK: Relations

    /// Notes that somebody blocks or mutes another, or does so no longer.
    static func set(
        _ relation: Relation,
        of user: Identifier,
        to other: Identifier,
        _ isSet: Bool,
        _ transaction: borrowing Transaction
    ) throws {
        guard isSet else {
            try transaction.execute(
                """
                DELETE FROM relations
                WHERE user_id = \(user) AND other_id = \(other) AND kind = \(relation.rawValue)
                """
            )
            return
        }
        let connection = transaction.connection
        guard try !connection.isErased(user), try !connection.isErased(other) else { return }
        try transaction.execute(
            """
            INSERT OR IGNORE INTO relations (user_id, other_id, kind)
            VALUES (\(user), \(other), \(relation.rawValue))
            """
        )
    }

    /// Whether somebody is not to hear of another: blocked or muted them, or is blocked by them.
    static func isHidden(_ other: Identifier, from user: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists(
            """
            SELECT 1 FROM relations WHERE user_id = \(user) AND other_id = \(other) UNION ALL SELECT 1 FROM relations
            WHERE user_id = \(other) AND other_id = \(user) AND kind = \(Relation.blocked.rawValue)
            """
        )
    }
}
