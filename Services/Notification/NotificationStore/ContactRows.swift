import FoundationEssentials
import Persistence
import ServiceKit
import System

/// What people prefer, and where they are reached.
extension NotificationStore {
    // MARK: Preferences

    static func preferences(of user: Identifier, _ connection: Connection) throws -> Preferences {
        let kept: String? = try connection.value("SELECT preferences FROM settings WHERE user_id = \(user)")
        guard let kept else { return Preferences() }
        return try JSONDecoder().decode(Preferences.self, from: Data(kept.utf8))
    }

    /// Keeps preferences unless the user was erased, whose token may live a moment longer.
    static func save(_ preferences: Preferences, of user: Identifier, _ transaction: borrowing Transaction) throws {
        guard try !transaction.connection.isErased(user) else { return }
        let text = String(decoding: try preferences.bytes(), as: UTF8.self)
        try transaction.execute(
            """
            INSERT INTO settings (user_id, preferences) VALUES (\(user), \(text))
            ON CONFLICT DO UPDATE SET preferences = excluded.preferences
            """
        )
    }

    // MARK: Push subscriptions

    /// Keeps a browser's subscription, or gives it to who uses the browser now; the oldest beyond the limit go. Says its id.
    static func save(_ new: PushSubscription, _ transaction: borrowing Transaction) throws -> Identifier {
        let user = new.userID
        guard try !transaction.connection.isErased(user) else { return new.id }
        let id: Identifier? = try transaction.value(
            """
            INSERT INTO push_subscriptions (id, user_id, endpoint, public_key, secret, created_at)
            VALUES (\(new.id), \(user), \(new.endpoint), \(new.publicKey), \(new.secret), \(new.createdAt))
            ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, public_key = excluded.public_key,
            secret = excluded.secret, created_at = excluded.created_at RETURNING id
            """
        )
        try transaction.execute(
            """
            DELETE FROM push_subscriptions WHERE id IN (SELECT id FROM push_subscriptions WHERE user_id = \(user)
            ORDER BY created_at DESC LIMIT 100 OFFSET \(PushSubscription.limit))
            """
        )
        return id ?? new.id
    }

    static func subscriptions(of user: Identifier, _ connection: Connection) throws -> [PushSubscription] {
        try connection.rows(
            """
            SELECT id, user_id, endpoint, public_key, secret, created_at FROM push_subscriptions
            WHERE user_id = \(user) ORDER BY created_at
            """,
            subscription
        )
    }

    static func subscription(
        _ id: Identifier,
        of user: Identifier,
        _ connection: Connection
    ) throws -> PushSubscription? {
        try connection.rows(
            """
            SELECT id, user_id, endpoint, public_key, secret, created_at FROM push_subscriptions
            WHERE id = \(id) AND user_id = \(user)
            """,
            subscription
        ).first
    }

    static func removeSubscription(
        _ id: Identifier,
        of user: Identifier,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        try transaction.execute("DELETE FROM push_subscriptions WHERE id = \(id) AND user_id = \(user)") == 1
    }

    private static func subscription(_ row: borrowing Row) throws -> PushSubscription {
        PushSubscription(
            id: try row[0],
            userID: try row[1],
            endpoint: try row[2],
            publicKey: try row[3],
            secret: try row[4],
            createdAt: try row[5]
        )
    }

    // MARK: Webhooks

    /// Keeps a webhook; false when its person has as many as may be.
    static func insert(_ new: Webhook, _ transaction: borrowing Transaction) throws -> Bool {
        let user = new.userID
        guard try !transaction.connection.isErased(user) else { return true }
        guard try webhooks(of: user, transaction.connection).count < Webhook.limit else { return false }
        try transaction.execute(
            """
            INSERT INTO webhooks (id, user_id, url, types, secret, created_at) VALUES (\(new.id), \(user), \(new.url),
            \(new.types.joined(separator: ",")), \(new.sealedSecret), \(new.createdAt))
            """
        )
        return true
    }

    static func webhooks(of user: Identifier, _ connection: Connection) throws -> [Webhook] {
        try connection.rows(
            """
            SELECT id, user_id, url, types, secret, created_at FROM webhooks
            WHERE user_id = \(user) ORDER BY created_at
            """,
            webhook
        )
    }

    static func webhook(_ id: Identifier, of user: Identifier, _ connection: Connection) throws -> Webhook? {
        try connection.rows(
            "SELECT id, user_id, url, types, secret, created_at FROM webhooks WHERE id = \(id) AND user_id = \(user)",
            webhook
        ).first
    }

    static func removeWebhook(_ id: Identifier, of user: Identifier, _ transaction: borrowing Transaction) throws
        -> Bool
    {
        try transaction.execute("DELETE FROM webhooks WHERE id = \(id) AND user_id = \(user)") == 1
    }

    private static func webhook(_ row: borrowing Row) throws -> Webhook {
        let types: String = try row[3]
        return Webhook(
            id: try row[0],
            userID: try row[1],
            url: try row[2],
            types: types.split(separator: ",").map(String.init),
            sealedSecret: try row[4],
            createdAt: try row[5]
        )
    }

    // MARK: Telephone and mail addresses

    static func phone(of user: Identifier, _ connection: Connection) throws -> String? {
        try connection.value("SELECT number FROM phones WHERE user_id = \(user)")
    }

    /// Keeps a number, or none.
    static func setPhone(_ number: String?, of user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM phones WHERE user_id = \(user)")
        guard let number, try !transaction.connection.isErased(user) else { return }
        try transaction.execute("INSERT INTO phones (user_id, number) VALUES (\(user), \(number))")
    }

    /// Sends no more to an address that was refused for good, until its person has another.
    static func suppress(
        _ profile: Profile,
        _ reason: String,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard try !transaction.connection.isErased(profile.userID) else { return }
        try transaction.execute(
            """
            INSERT OR REPLACE INTO suppressions (user_id, address, reason, since)
            VALUES (\(profile.userID), \(profile.email), \(reason), \(now))
            """
        )
    }

    /// Whether somebody's present mail address has been refused for good.
    static func isSuppressed(_ user: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists(
            """
            SELECT 1 FROM suppressions s CROSS JOIN profiles p ON p.user_id = s.user_id AND p.email = s.address
            WHERE s.user_id = \(user)
            """
        )
    }

    static func forgetContacts(of user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM settings WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM push_subscriptions WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM webhooks WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM phones WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM suppressions WHERE user_id = \(user)")
    }
}
