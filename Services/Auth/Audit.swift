import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// The audit trail: a row and an event for every act.
enum Audit {
    /// How long a user's trail goes back; the events stay in the log.
    static let retentionSeconds: Int64 = 400 * 86_400

    /// What happened to a session.
    static func record<Name: EventName>(
        _ transaction: borrowing Transaction,
        _ activity: AuthActivity<Name>.Type,
        _ session: Session,
        reason: String? = nil,
        at now: Timestamp,
        _ client: Client,
        cause: EventCause? = nil
    ) throws {
        var entry = AuthActivity<Name>(userID: session.userID, sessionID: session.id, timestamp: now)
        entry.reason = reason
        try record(transaction, entry, client, cause: cause)
    }

    /// An act without a session; without a user (an address that nobody has, an account that is gone) it is an event alone.
    static func record<Name: EventName>(
        _ transaction: borrowing Transaction,
        _ entry: AuthActivity<Name>,
        _ client: Client,
        cause: EventCause? = nil
    ) throws {
        var entry = entry
        entry.addressPrefix = client.addressPrefix
        entry.userAgent = client.userAgent
        let now = entry.timestamp
        if let userID = entry.userID, try !transaction.connection.isErased(userID) {
            try transaction.execute(
                """
                INSERT INTO audit (user_id, id, type, session_id, address_prefix, user_agent, reason, at)
                VALUES (\(userID), \(Identifier.version7(at: now)), \(Name.type), \(entry.sessionID),
                \(client.addressPrefix), \(client.userAgent), \(entry.reason), \(now))
                """
            )
        }
        try transaction.publish(entry, at: now, cause: cause, traceparent: client.traceparent)
    }

    static func forget(_ transaction: borrowing Transaction, before time: Timestamp, limit: Int) throws {
        try transaction.execute(
            """
            DELETE FROM audit WHERE (user_id, id) IN (SELECT user_id, id FROM audit WHERE at < \(time) LIMIT \(limit))
            """
        )
    }

    static func list(
        _ connection: Connection,
        of userID: Identifier,
        before id: Identifier?,
        limit: Int
    ) throws -> [AuditEntry] {
        let upper = id?.bytes ?? [UInt8](repeating: 0xFF, count: 16)
        return try connection.rows(
            """
            SELECT id, type, session_id, address_prefix, user_agent, reason, at FROM audit
            WHERE user_id = \(userID) AND id < \(upper) ORDER BY id DESC LIMIT \(limit)
            """
        ) { row in
            AuditEntry(
                id: try row[0],
                type: try row[1],
                sessionID: try row[2],
                addressPrefix: try row[3],
                userAgent: try row[4],
                reason: try row[5],
                createdAt: try row[6]
            )
        }
    }
}

/// One entry as its user sees it.
struct AuditEntry: Encodable, Sendable {
    let id: Identifier
    let type: String
    let sessionID: Identifier?
    let addressPrefix: String
    let userAgent: String
    let reason: String?
    let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, type, reason
        case sessionID = "session_id"
        case addressPrefix = "address_prefix"
        case userAgent = "user_agent"
        case createdAt = "created_at"
    }
}
