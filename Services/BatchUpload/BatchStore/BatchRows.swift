public import Contracts
public import Persistence
import System

extension Batch.State: ColumnValue {}
extension MediaVisibility: ColumnValue {}
extension BatchFailureReason: ColumnValue {}

private let columns: SQL = """
    id, owner_id, visibility, state, total, received, ready, failed, total_size, received_bytes, part_size, reason,
    created_at, expires_at, ended_at, version
    """

extension Connection {
    func batch(_ id: Identifier) throws -> Batch? {
        try first("SELECT \(columns) FROM batches WHERE id = \(id)", decode)
    }

    /// An owner's batches, newest first, before a key.
    func batches(of owner: Identifier, before id: Identifier?, limit: Int) throws -> [Batch] {
        let high = id?.bytes ?? [UInt8](repeating: 0xFF, count: 17)
        return try rows(
            """
            SELECT \(columns) FROM batches WHERE owner_id = \(owner) AND id < \(high) ORDER BY id DESC LIMIT \(limit)
            """,
            decode
        )
    }

    /// Batches of an owner that have not ended.
    func activeBatches(of owner: Identifier) throws -> Int {
        try value(
            """
            SELECT count(*) FROM batches
            WHERE owner_id = \(owner) AND state IN ('reserving', 'open', 'completing')
            """
        ) ?? 0
    }

    /// Batches whose time is over.
    func overdueBatches(at now: Timestamp, limit: Int) throws -> [Batch] {
        try rows(
            """
            SELECT \(columns) FROM batches WHERE state IN ('reserving', 'open') AND expires_at <= \(now)
            ORDER BY expires_at LIMIT \(limit)
            """,
            decode
        )
    }

    /// When the next batch expires.
    func nextExpiry() throws -> Timestamp? {
        try value(
            """
            SELECT expires_at FROM batches WHERE state IN ('reserving', 'open') AND expires_at > 0
            ORDER BY expires_at LIMIT 1
            """
        )
    }

    /// Batches that have ended and may still hold bytes.
    func batchesToClear(limit: Int) throws -> [Identifier] {
        try rows(
            """
            SELECT id FROM batches WHERE ended_at IS NOT NULL AND holds_bytes = 1 AND id > \([UInt8]()) LIMIT \(limit)
            """
        ) { try $0[0] }
    }

    private func decode(_ row: borrowing Row) throws -> Batch {
        Batch(
            id: try row[0],
            ownerID: try row[1],
            visibility: try row[2],
            state: try row[3],
            counts: BatchCounts(total: try row[4], received: try row[5], ready: try row[6], failed: try row[7]),
            totalSize: try row[8],
            receivedBytes: try row[9],
            partSize: try row[10],
            reason: try row[11],
            createdAt: try row[12],
            expiresAt: try row[13],
            endedAt: try row[14],
            version: try row[15]
        )
    }
}

extension Transaction {
    borrowing func insert(_ batch: Batch) throws {
        let counts = batch.counts
        try execute(
            """
            INSERT INTO batches (id, owner_id, visibility, state, total, received, ready, failed, total_size,
                received_bytes, part_size, holds_bytes, created_at, expires_at, version)
            VALUES (\(batch.id), \(batch.ownerID), \(batch.visibility), \(batch.state), \(counts.total),
                \(counts.received), \(counts.ready), \(counts.failed), \(batch.totalSize), \(batch.receivedBytes),
                \(batch.partSize), 1, \(batch.createdAt), \(batch.expiresAt), \(batch.version))
            """
        )
    }

    /// Stores what may change of a batch.
    borrowing func update(_ batch: Batch) throws {
        let counts = batch.counts
        try execute(
            """
            UPDATE batches SET state = \(batch.state), received = \(counts.received), ready = \(counts.ready),
                failed = \(counts.failed), received_bytes = \(batch.receivedBytes), reason = \(batch.reason),
                ended_at = \(batch.endedAt), version = \(batch.version)
            WHERE id = \(batch.id)
            """
        )
    }

    /// Notes that a batch holds no bytes any more.
    borrowing func noteCleared(_ batch: Identifier) throws {
        try execute("UPDATE batches SET holds_bytes = 0 WHERE id = \(batch)")
    }

    /// Removes a batch with its files.
    borrowing func remove(_ batch: Identifier) throws {
        try execute("DELETE FROM batches WHERE id = \(batch)")
    }
}
