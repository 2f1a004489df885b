import Contracts
import EventBus
public import Persistence
public import System

/// An account whose traces a service has still to remove; kept in `erased_users` until nothing is left.
public struct AccountErasure: Sendable, Equatable {
    /// Whose account it was.
    public let userID: Identifier
    /// What the receipt refers to; nil when the account went without one.
    public let erasureID: Identifier?
    /// The event that asked for it.
    public let eventID: Identifier
}

extension Connection {
    /// An erasure to go on with.
    public func openErasure() throws -> AccountErasure? {
        try first(
            """
            SELECT user_id, erasure_id, event_id FROM erased_users WHERE done = 0 AND user_id > \([UInt8]())
            ORDER BY user_id LIMIT 1
            """
        ) { AccountErasure(userID: try $0[0], erasureID: try $0[1], eventID: try $0[2]) }
    }
}

extension Transaction {
    /// Notes that all of an account's is to go, and which event asked for it; the answers kept for its repeated requests
    /// go at once.
    public borrowing func beginErasure(of user: Identifier, _ erasure: Identifier?, event: Identifier) throws {
        try execute(
            """
            INSERT INTO erased_users (user_id, erasure_id, event_id, done)
            VALUES (\(user), \(erasure), \(event), 0) ON CONFLICT DO NOTHING
            """
        )
        try forgetResponses(scope: user.description)
        try unban(user)
    }

    /// Notes that nothing of an account is left, and gives the receipt.
    ///
    /// - Parameter service: The name of the service, as receipts and `/v1/erasures/{id}` have it.
    public borrowing func endErasure(
        _ erasure: AccountErasure,
        by service: String,
        at now: Timestamp
    ) throws {
        try execute("UPDATE erased_users SET done = 1 WHERE user_id = \(erasure.userID)")
        let receipt = UserErased(
            userID: erasure.userID,
            erasureID: erasure.erasureID,
            service: service,
            timestamp: now
        )
        // The id that it would have, had the consumer of the deletion given it, so a repeat is dropped.
        let id = Identifier.derived(source: "/\(service)", cause: erasure.eventID, index: 0)
        var event = try Event(receipt, id: id, at: now, source: "/\(service)")
        event.causationID = erasure.eventID
        try publish(event)
    }
}
