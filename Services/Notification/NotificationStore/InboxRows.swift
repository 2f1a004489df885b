import Persistence
import System

/// The in-app inbox. The name of who did something is not kept with it but found when it is read: names change, and
/// people go.
extension NotificationStore {
    private static let columns: SQL = """
        n.number, n.id, n.user_id, n.type, n.message, n.data, n.created_at, n.read_at, n.actor_id, n.subject_id,
        actor.name, own.locale, n.plan, n.archived_at
        """
    private static let source: SQL = """
        notifications n LEFT JOIN profiles actor ON actor.user_id = n.actor_id
        LEFT JOIN profiles own ON own.user_id = n.user_id AND n.actor_id IS NOT NULL
        """

    /// Adds to a person's inbox; false when it is there already.
    static func insert(_ new: Notification, _ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO notifications (id, user_id, type, message, data, created_at, read_at, actor_id,
            subject_id, plan) VALUES (\(new.id), \(new.userID), \(new.type), \(new.message), \(try encode(new.data)),
            \(new.createdAt), \(new.readAt), \(new.actorID), \(new.subjectID), \(new.plan))
            """
        ) == 1
    }

    /// Puts another content in the place of a notification, at the top when it is news, where streams see it.
    static func replace(
        _ notification: Notification,
        isNews: Bool,
        _ transaction: borrowing Transaction
    ) throws {
        if isNews {
            // A new row, for numbers only grow.
            try transaction.execute("DELETE FROM notifications WHERE id = \(notification.id)")
            _ = try insert(notification, transaction)
        } else {
            try transaction.execute(
                """
                UPDATE notifications SET message = \(notification.message), data = \(try encode(notification.data)),
                actor_id = \(notification.actorID) WHERE id = \(notification.id)
                """
            )
        }
    }

    static func remove(_ id: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM notifications WHERE id = \(id)")
    }

    /// Takes back all that was told about something, such as a comment that is gone.
    static func remove(about subject: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM notifications WHERE subject_id = \(subject)")
    }

    /// Whether somebody has been told about something.
    static func isTold(_ user: Identifier, about subject: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM notifications WHERE subject_id = \(subject) AND user_id = \(user)")
    }

    /// A person's notifications, newest first, older than `before`.
    static func list(
        of user: Identifier,
        unreadOnly: Bool,
        archived: Bool = false,
        before number: Int64,
        limit: Int,
        _ connection: Connection
    ) throws -> [Notification] {
        let unread: SQL = unreadOnly ? "AND n.read_at IS NULL" : ""
        let place: SQL = archived ? "AND n.archived_at IS NOT NULL" : "AND n.archived_at IS NULL"
        return try connection.rows(
            """
            SELECT \(columns) FROM \(source)
            WHERE n.user_id = \(user) AND n.number < \(number) \(unread) \(place)
            ORDER BY n.number DESC LIMIT \(limit)
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
            SELECT \(columns) FROM \(source)
            WHERE n.user_id = \(user) AND n.number > \(number) ORDER BY n.number LIMIT \(limit)
            """,
            decode
        )
    }

    static func find(_ id: Identifier, of user: Identifier, _ connection: Connection) throws -> Notification? {
        try connection.rows(
            "SELECT \(columns) FROM \(source) WHERE n.id = \(id) AND n.user_id = \(user)",
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

    /// Marks one as read or unread, and as put aside or not; nil when the person has no such notification.
    static func mark(
        _ id: Identifier,
        of user: Identifier,
        readAt: Timestamp?,
        archivedAt: Timestamp? = nil,
        _ transaction: borrowing Transaction
    ) throws -> Notification? {
        try transaction.execute(
            """
            UPDATE notifications SET read_at = \(readAt), archived_at = \(archivedAt)
            WHERE id = \(id) AND user_id = \(user)
            """
        )
        return try find(id, of: user, transaction.connection)
    }

    static func markAllRead(of user: Identifier, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            "UPDATE notifications SET read_at = \(now) WHERE user_id = \(user) AND read_at IS NULL"
        )
    }

    private static func decode(_ row: borrowing Row) throws -> Notification {
        let (actorName, locale): (String?, String?) = (try row[10], try row[11])
        return Notification(
            number: try row[0],
            id: try row[1],
            userID: try row[2],
            type: try row[3],
            message: try row[4],
            data: try decodeData(row[5]),
            createdAt: try row[6],
            readAt: try row[7],
            archivedAt: try row[13],
            actorID: try row[8],
            subjectID: try row[9],
            actorName: actorName,
            locale: locale.map { Locale(tag: $0) } ?? .vietnamese,
            plan: try row[12]
        )
    }
}
