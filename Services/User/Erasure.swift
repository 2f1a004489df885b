import Persistence
import Security
import System

/// The deletion of an account as its owner can follow it: which services have said that they hold nothing any more.
struct Erasure: Sendable, Equatable {
    /// The services that hold something personal, and so must acknowledge.
    static let services = [
        "user", "auth", "media", "batch-upload", "like", "notification", "booking", "comment", "chat",
    ]

    let id: Identifier
    let userID: Identifier
    let requestedAt: Timestamp
    /// When each service acknowledged.
    var receipts: [String: Timestamp]

    var isComplete: Bool { Self.services.allSatisfy { receipts[$0] != nil } }

    /// The digest by which a receipt token is known; the token itself is not kept.
    static func digest(ofToken token: String) -> [UInt8] {
        HashFunction.sha256.digest(token)
    }
}

extension Connection {
    /// The erasure, for who has its token.
    func erasure(_ id: Identifier, token: String) throws -> Erasure? {
        let found = try first(
            "SELECT user_id, requested_at, receipt_digest FROM erasures WHERE id = \(id)"
        ) { row in (try row[0] as Identifier, try row[1] as Timestamp, try row[2] as [UInt8]) }
        guard let (userID, requestedAt, digest) = found, constantTimeEqual(digest, Erasure.digest(ofToken: token))
        else { return nil }
        let receipts = try rows(
            "SELECT service, acknowledged_at FROM erasure_receipts WHERE erasure_id = \(id)"
        ) { row in (try row[0] as String, try row[1] as Timestamp) }
        return Erasure(
            id: id,
            userID: userID,
            requestedAt: requestedAt,
            receipts: Dictionary(receipts) { first, _ in first }
        )
    }
}

extension Transaction {
    borrowing func insert(_ erasure: Erasure, token: String) throws {
        try execute(
            """
            INSERT INTO erasures (id, user_id, receipt_digest, requested_at)
            VALUES (\(erasure.id), \(erasure.userID), \(Erasure.digest(ofToken: token)), \(erasure.requestedAt))
            """
        )
    }

    /// Notes a service's receipt; one for an erasure that is not known is ignored.
    borrowing func insertReceipt(of service: String, for erasure: Identifier, at time: Timestamp) throws {
        try execute(
            """
            INSERT INTO erasure_receipts (erasure_id, service, acknowledged_at)
            SELECT id, \(service), \(time) FROM erasures WHERE id = \(erasure)
            ON CONFLICT DO NOTHING
            """
        )
    }
}
