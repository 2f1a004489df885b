import Persistence
import System

/// Deliveries, their tries, and digests.
extension NotificationStore {
    private static let columns: SQL = """
        id, notification_id, user_id, channel, endpoint_id, template, data, actor_id, has_entry, attempts
        """

    static func enqueue(
        _ delivery: Delivery,
        at now: Timestamp,
        due: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO deliveries (id, notification_id, user_id, channel, endpoint_id, template, data, actor_id,
            has_entry, state, attempts, created_at, due_at) VALUES (\(delivery.id), \(delivery.notificationID),
            \(delivery.userID), \(delivery.channel.rawValue), \(delivery.endpointID), \(delivery.template),
            \(try encode(delivery.data)), \(delivery.actorID), \(delivery.hasEntry), 'queued', 0, \(now), \(due))
            """
        )
    }

    /// When the next message of a channel is due; nil when none waits.
    static func nextDelivery(on channel: Channel, _ connection: Connection) throws -> Timestamp? {
        try connection.value(
            """
            SELECT due_at FROM deliveries WHERE state = 'queued' AND channel = \(channel.rawValue)
            ORDER BY due_at LIMIT 1
            """
        )
    }

    static func dueDeliveries(
        on channel: Channel,
        at now: Timestamp,
        limit: Int,
        _ connection: Connection
    ) throws -> [Delivery] {
        try connection.rows(
            """
            SELECT \(columns) FROM deliveries WHERE state = 'queued' AND channel = \(channel.rawValue)
            AND due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """,
            decode
        )
    }

    /// Whether somebody has had so many deliveries on a channel since an instant.
    static func hasReached(
        _ count: Int,
        of user: Identifier,
        on channel: Channel,
        since: Timestamp,
        _ connection: Connection
    ) throws -> Bool {
        try connection.exists(
            """
            SELECT 1 FROM deliveries WHERE user_id = \(user) AND channel = \(channel.rawValue)
            AND created_at > \(since) ORDER BY created_at LIMIT 1 OFFSET \(count - 1)
            """
        )
    }

    /// Ends a delivery; false when it has ended before or is gone.
    static func end(
        _ delivery: Delivery,
        _ state: DeliveryState,
        _ answer: String,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> Bool {
        let isEnded =
            try transaction.execute(
                """
                UPDATE deliveries SET state = \(state.rawValue), reason = \(answer), ended_at = \(now), data = '{}',
                attempts = attempts + \(state == .cancelled ? 0 : 1) WHERE id = \(delivery.id) AND state = 'queued'
                """
            ) == 1
        if isEnded, state != .cancelled { try note(delivery, answer, at: now, transaction) }
        return isEnded
    }

    static func postpone(
        _ delivery: Delivery,
        _ answer: String,
        until due: Timestamp,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        let isThere =
            try transaction.execute(
                """
                UPDATE deliveries SET attempts = attempts + 1, reason = \(answer), due_at = \(due)
                WHERE id = \(delivery.id) AND state = 'queued'
                """
            ) == 1
        if isThere { try note(delivery, answer, at: now, transaction) }
    }

    private static func note(
        _ delivery: Delivery,
        _ answer: String,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO attempts (delivery_id, number, at, answer)
            VALUES (\(delivery.id), \(delivery.attempts + 1), \(now), \(answer))
            """
        )
    }

    /// What became of a notification on its channels.
    static func explanation(of notification: Identifier, _ connection: Connection) throws -> [DeliveryReport] {
        let found = try connection.rows(
            """
            SELECT id, channel, state, reason, due_at FROM deliveries WHERE notification_id = \(notification) LIMIT 100
            """
        ) { row in
            DeliveryReport(
                id: try row[0],
                channel: try row[1],
                state: try row[2],
                reason: try row[3],
                dueAt: try row[4],
                attempts: []
            )
        }
        return try found.map { report in
            var report = report
            let id = report.id
            report.attempts = try connection.rows(
                "SELECT at, answer FROM attempts WHERE delivery_id = \(id) ORDER BY number"
            ) { row in DeliveryReport.Attempt(at: try row[0], answer: try row[1]) }
            return report
        }
    }

    static func forgetDeliveries(of user: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            "DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE user_id = \(user))"
        )
        try transaction.execute("DELETE FROM deliveries WHERE user_id = \(user)")
        try transaction.execute(
            "DELETE FROM digest_items WHERE digest_id IN (SELECT id FROM digests WHERE user_id = \(user))"
        )
        try transaction.execute("DELETE FROM digests WHERE user_id = \(user)")
    }

    /// Drops what ended before an instant, at most so many deliveries and digests; true when nothing is left.
    static func pruneDeliveries(before limit: Timestamp, count: Int, _ transaction: borrowing Transaction) throws
        -> Bool
    {
        let ended: [Identifier] = try transaction.rows(
            "SELECT id FROM deliveries WHERE ended_at < \(limit) ORDER BY ended_at LIMIT \(count)"
        ) { try $0[0] }
        let digests: [Identifier] = try transaction.rows(
            "SELECT id FROM digests WHERE is_open = 0 AND due_at < \(limit) ORDER BY due_at LIMIT \(count)"
        ) { try $0[0] }
        for id in ended {
            try transaction.execute("DELETE FROM attempts WHERE delivery_id = \(id)")
            try transaction.execute("DELETE FROM deliveries WHERE id = \(id)")
        }
        for id in digests {
            try transaction.execute("DELETE FROM digest_items WHERE digest_id = \(id)")
            try transaction.execute("DELETE FROM digests WHERE id = \(id)")
        }
        return ended.count < count && digests.count < count
    }

    // MARK: Digests

    static func openDigest(of user: Identifier, _ connection: Connection) throws -> Digest? {
        try connection.rows(
            "SELECT id, user_id, due_at FROM digests WHERE user_id = \(user) AND is_open = 1",
            digest
        ).first
    }

    static func open(_ digest: Digest, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO digests (id, user_id, due_at, is_open)
            VALUES (\(digest.id), \(digest.userID), \(digest.dueAt), 1)
            """
        )
    }

    static func add(_ notification: Identifier, to digest: Digest, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO digest_items (digest_id, notification_id) VALUES (\(digest.id), \(notification))
            """
        )
    }

    static func dueDigests(at now: Timestamp, limit: Int, _ connection: Connection) throws -> [Digest] {
        try connection.rows(
            """
            SELECT id, user_id, due_at FROM digests WHERE is_open = 1 AND due_at <= \(now)
            ORDER BY due_at LIMIT \(limit)
            """,
            digest
        )
    }

    static func nextDigest(_ connection: Connection) throws -> Timestamp? {
        try connection.value("SELECT due_at FROM digests WHERE is_open = 1 ORDER BY due_at LIMIT 1")
    }

    /// Closes a digest; false when it is closed, or gone.
    static func close(_ digest: Digest, _ transaction: borrowing Transaction) throws -> Bool {
        try transaction.execute("UPDATE digests SET is_open = 0 WHERE id = \(digest.id) AND is_open = 1") == 1
    }

    /// What of a digest is still in the inbox and unread.
    static func unread(in digest: Identifier, of user: Identifier, _ connection: Connection) throws -> [Notification] {
        let items: [Identifier] = try connection.rows(
            "SELECT notification_id FROM digest_items WHERE digest_id = \(digest) LIMIT 1000"
        ) { try $0[0] }
        return try items.compactMap { try find($0, of: user, connection) }.filter { $0.readAt == nil }
            .sorted { $0.number < $1.number }
    }

    private static func digest(_ row: borrowing Row) throws -> Digest {
        Digest(id: try row[0], userID: try row[1], dueAt: try row[2])
    }

    private static func decode(_ row: borrowing Row) throws -> Delivery {
        let notice = Notice(
            id: try row[1],
            userID: try row[2],
            type: try row[5],
            data: try decodeData(row[6]),
            actorID: try row[7]
        )
        let channel = Channel(rawValue: try row[3]) ?? .email
        var delivery = Delivery(notice, on: channel, to: try row[4], hasEntry: try row[8])
        delivery.id = try row[0]
        delivery.attempts = try row[9]
        return delivery
    }
}

/// A delivery as `explain` shows it.
struct DeliveryReport: Encodable, Sendable {
    struct Attempt: Encodable, Sendable {
        let at: Timestamp
        let answer: String
    }

    let id: Identifier
    let channel: String
    let state: String
    let reason: String?
    let dueAt: Timestamp
    var attempts: [Attempt]

    enum CodingKeys: String, CodingKey {
        case id, channel, state, reason, attempts
        case dueAt = "due_at"
    }
}
