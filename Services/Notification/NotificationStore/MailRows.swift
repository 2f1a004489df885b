import Persistence
import System

/// Mails on their way.
extension NotificationStore {
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
}
