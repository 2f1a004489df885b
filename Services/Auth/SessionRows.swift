import Contracts
import EventBus
import Persistence
import System

/// Rows of the table `sessions`.
enum SessionRows {
    private static let columns: SQL = """
        id, user_id, role, family_secret, generation, created_at, refreshed_at, expires_at, address_prefix, user_agent,
        second_factor
        """

    private static func session(_ row: borrowing Row) throws -> Session {
        Session(
            id: try row[0],
            userID: try row[1],
            role: Role(rawValue: try row[2]) ?? .user,
            familySecret: try row[3],
            generation: try row[4],
            createdAt: try row[5],
            refreshedAt: try row[6],
            expiresAt: try row[7],
            addressPrefix: try row[8],
            userAgent: try row[9],
            hasSecondFactor: try row[10]
        )
    }

    static func find(_ connection: Connection, _ id: Identifier, activeAt now: Timestamp) throws -> Session? {
        try connection.first(
            "SELECT \(columns) FROM sessions WHERE id = \(id) AND ended_at IS NULL AND expires_at > \(now)",
            session
        )
    }

    /// Whose session it is or was.
    static func owner(_ connection: Connection, of id: Identifier) throws -> Identifier? {
        try connection.value("SELECT user_id FROM sessions WHERE id = \(id)")
    }

    /// The last used first. Few, so they are sorted here: an index in that order would change with each refresh.
    static func active(_ connection: Connection, of userID: Identifier) throws -> [Session] {
        try connection.rows(
            """
            SELECT \(columns) FROM sessions WHERE user_id = \(userID) AND ended_at IS NULL
            LIMIT \(SessionPolicy.maximumSessionsPerUser * 2)
            """,
            session
        )
        .sorted { $0.refreshedAt > $1.refreshedAt }
    }

    /// Those whose refresh life is over, of so many that are looked at; the others are looked at again when theirs would be.
    static func expired(_ transaction: borrowing Transaction, at now: Timestamp, limit: Int) throws -> [Session] {
        let due = try transaction.connection.rows(
            """
            SELECT \(columns) FROM sessions WHERE ended_at IS NULL AND swept_at <= \(now)
            ORDER BY swept_at LIMIT \(limit)
            """,
            session
        )
        for alive in due where alive.expiresAt > now {
            try transaction.execute("UPDATE sessions SET swept_at = \(alive.expiresAt) WHERE id = \(alive.id)")
        }
        return due.filter { $0.expiresAt <= now }
    }

    static func forget(_ transaction: borrowing Transaction, endedBefore time: Timestamp, limit: Int) throws {
        try transaction.execute(
            """
            DELETE FROM sessions WHERE id IN
            (SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < \(time) LIMIT \(limit))
            """
        )
    }

    static func insert(_ transaction: borrowing Transaction, _ session: Session) throws {
        try transaction.execute(
            """
            INSERT INTO sessions (\(columns), swept_at) VALUES (\(session.id), \(session.userID), \(session.role.rawValue),
            \(session.familySecret), \(session.generation), \(session.createdAt), \(session.refreshedAt),
            \(session.expiresAt), \(session.addressPrefix), \(session.userAgent), \(session.hasSecondFactor), \(session.expiresAt))
            """
        )
    }

    static func advance(_ transaction: borrowing Transaction, _ session: Session) throws {
        try transaction.execute(
            """
            UPDATE sessions SET generation = \(session.generation), refreshed_at = \(session.refreshedAt),
            expires_at = \(session.expiresAt) WHERE id = \(session.id)
            """
        )
    }

    /// Notes that a session has shown the second factor.
    static func setSecondFactor(_ transaction: borrowing Transaction, _ id: Identifier) throws {
        try transaction.execute("UPDATE sessions SET second_factor = 1 WHERE id = \(id) AND ended_at IS NULL")
    }

    static func setRole(_ transaction: borrowing Transaction, _ role: Role, of userID: Identifier) throws {
        try transaction.execute(
            "UPDATE sessions SET role = \(role.rawValue) WHERE user_id = \(userID) AND ended_at IS NULL"
        )
    }

    static func markEnded(
        _ transaction: borrowing Transaction,
        _ session: Session,
        reason: String,
        at now: Timestamp
    ) throws {
        // The family's secret goes with the session: its tokens can never be made again.
        try transaction.execute(
            """
            UPDATE sessions SET ended_at = \(now), ended_reason = \(reason), family_secret = zeroblob(32)
            WHERE id = \(session.id)
            """
        )
    }

    /// Ends a session and tells every service to refuse its access tokens.
    static func end(
        _ transaction: borrowing Transaction,
        _ session: Session,
        reason: String,
        at now: Timestamp,
        _ client: Client,
        cause: EventCause? = nil
    ) throws {
        try markEnded(transaction, session, reason: reason, at: now)
        let revoked = SessionRevoked(userID: session.userID, sessionID: session.id, notBefore: now, reason: reason)
        try transaction.publish(revoked, at: now, cause: cause, traceparent: client.traceparent)
    }
}
