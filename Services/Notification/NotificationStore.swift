import FoundationEssentials
import Persistence
import System

/// Notification's rows. Reads take the connection of a snapshot, writes the transaction they are part of.
enum NotificationStore {
    private static let columns: SQL = "number, id, user_id, type, message, data, created_at, read_at"

    // MARK: Inbox

    /// Adds to a person's inbox; false when it is there already.
    static func insert(_ new: Notification, _ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO notifications (id, user_id, type, message, data, created_at)
            VALUES (\(new.id), \(new.userID), \(new.type), \(new.message), \(try encode(new.data)), \(new.createdAt))
            """
        ) == 1
    }

    /// A person's notifications, newest first, older than `before`.
    static func list(
        of user: Identifier,
        unreadOnly: Bool,
        before number: Int64,
        limit: Int,
        _ connection: Connection
    ) throws -> [Notification] {
        let unread: SQL = unreadOnly ? "AND read_at IS NULL" : ""
        return try connection.rows(
            """
            SELECT \(columns) FROM notifications
            WHERE user_id = \(user) AND number < \(number) \(unread) ORDER BY number DESC LIMIT \(limit)
            """,
            decode
        )
    }

    /// A person's notifications after a number, oldest first.
    static func list(
        of user: Identifier,
        after number: Int64,
        limit: Int,
        _ connection: Connection
    ) throws -> [Notification] {
        try connection.rows(
            """
            SELECT \(columns) FROM notifications
            WHERE user_id = \(user) AND number > \(number) ORDER BY number LIMIT \(limit)
            """,
            decode
        )
    }

    static func find(_ id: Identifier, of user: Identifier, _ connection: Connection) throws -> Notification? {
        try connection.rows(
            "SELECT \(columns) FROM notifications WHERE id = \(id) AND user_id = \(user)",
            decode
        ).first
    }

    static func lastNumber(of user: Identifier, _ connection: Connection) throws -> Int64 {
        try connection.value("SELECT max(number) FROM notifications WHERE user_id = \(user)", as: Int64?.self)
            .flatMap(\.self) ?? 0
    }

    static func unreadCount(of user: Identifier, _ connection: Connection) throws -> Int {
        try connection.value("SELECT count(*) FROM notifications WHERE user_id = \(user) AND read_at IS NULL") ?? 0
    }

    /// Marks one as read or unread; nil when the person has no such notification.
    static func mark(
        _ id: Identifier,
        of user: Identifier,
        readAt: Timestamp?,
        _ transaction: borrowing Transaction
    ) throws -> Notification? {
        try transaction.execute(
            "UPDATE notifications SET read_at = \(readAt) WHERE id = \(id) AND user_id = \(user)"
        )
        return try find(id, of: user, transaction.connection)
    }

    static func markAllRead(of user: Identifier, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            "UPDATE notifications SET read_at = \(now) WHERE user_id = \(user) AND read_at IS NULL"
        )
    }

    // MARK: People

    static func profile(of user: Identifier, _ connection: Connection) throws -> Profile? {
        try connection.rows("SELECT email, name, locale FROM profiles WHERE user_id = \(user)") { row in
            Profile(userID: user, email: try row[0], name: try row[1], locale: Locale(tag: try row[2]))
        }.first
    }

    /// Keeps a profile unless a newer one is known or the user was erased.
    static func save(_ profile: Profile, sequence: Int64, _ transaction: borrowing Transaction) throws {
        guard try !isErased(profile.userID, transaction.connection) else { return }
        try transaction.execute(
            """
            INSERT INTO profiles (user_id, email, name, locale, sequence) VALUES (\(profile.userID),
            \(profile.email), \(profile.name), \(profile.locale.rawValue), \(sequence))
            ON CONFLICT DO UPDATE SET email = excluded.email, name = excluded.name, locale = excluded.locale,
            sequence = excluded.sequence WHERE excluded.sequence >= sequence
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

    static func isErased(_ user: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM erased_users WHERE user_id = \(user)")
    }

    /// Forgets a person for good: later events about them change nothing.
    static func erase(_ user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("INSERT OR IGNORE INTO erased_users (user_id) VALUES (\(user))")
        try transaction.execute("DELETE FROM profiles WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM preferences WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM notifications WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM mails WHERE user_id = \(user)")
        try transaction.execute("DELETE FROM devices WHERE user_id = \(user)")
    }

    static func preferences(of user: Identifier, _ connection: Connection) throws -> Preferences {
        let email: Bool? = try connection.value("SELECT email FROM preferences WHERE user_id = \(user)")
        return Preferences(email: email ?? true)
    }

    /// Keeps preferences unless the user was erased, whose token may live a moment longer.
    static func save(_ preferences: Preferences, of user: Identifier, _ transaction: borrowing Transaction) throws {
        guard try !isErased(user, transaction.connection) else { return }
        try transaction.execute(
            """
            INSERT INTO preferences (user_id, email) VALUES (\(user), \(preferences.email))
            ON CONFLICT DO UPDATE SET email = excluded.email
            """
        )
    }

    // MARK: Mails

    static func enqueue(_ mail: QueuedMail, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO mails (id, user_id, template, data, state, attempts, due_at)
            VALUES (\(mail.id), \(mail.userID), \(mail.template), \(try encode(mail.data)), 'queued', 0, \(now))
            """
        )
    }

    /// When the next mail is due; nil when none waits.
    static func nextMail(_ connection: Connection) throws -> Timestamp? {
        try connection.value("SELECT due_at FROM mails WHERE state = 'queued' ORDER BY due_at LIMIT 1")
    }

    static func dueMails(at now: Timestamp, limit: Int, _ connection: Connection) throws -> [QueuedMail] {
        try connection.rows(
            """
            SELECT id, user_id, template, data, attempts FROM mails
            WHERE state = 'queued' AND due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """
        ) { row in
            QueuedMail(
                id: try row[0],
                userID: try row[1],
                template: try row[2],
                data: try decodeData(row[3]),
                attempts: try row[4]
            )
        }
    }

    static func markSent(_ mail: QueuedMail, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            "UPDATE mails SET state = 'sent', attempts = attempts + 1, data = '{}' WHERE id = \(mail.id)"
        )
    }

    /// Puts a mail off, or aside for good when there is no next try.
    static func markFailed(
        _ mail: QueuedMail,
        _ error: String,
        retryAt: Timestamp?,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE mails SET state = \(retryAt == nil ? "failed" : "queued"), attempts = attempts + 1,
            due_at = coalesce(\(retryAt), due_at), last_error = \(error) WHERE id = \(mail.id)
            """
        )
    }

    // MARK: Columns

    private static func decode(_ row: borrowing Row) throws -> Notification {
        Notification(
            number: try row[0],
            id: try row[1],
            userID: try row[2],
            type: try row[3],
            message: try row[4],
            data: try decodeData(row[5]),
            createdAt: try row[6],
            readAt: try row[7]
        )
    }

    private static func encode(_ data: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(data), as: UTF8.self)
    }

    private static func decodeData(_ text: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }
}
