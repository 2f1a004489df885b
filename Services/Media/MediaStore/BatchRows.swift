import Contracts
import Persistence
import System

extension Batch.State: ColumnValue {}

private let columns: SQL = "id, owner_id, state, bytes, items"

extension Connection {
    /// A batch that was begun, or is over.
    func batch(_ id: Identifier) throws -> Batch? {
        try first("SELECT \(columns) FROM batches WHERE id = \(id)", decode)
    }

    /// A batch whose items are to be deleted.
    func discardedBatch() throws -> Batch? {
        try first(
            "SELECT \(columns) FROM batches WHERE state = 'discarding' AND id > \([UInt8]()) LIMIT 1",
            decode
        )
    }

    private func decode(_ row: borrowing Row) throws -> Batch {
        Batch(id: try row[0], ownerID: try row[1], state: try row[2], bytes: try row[3], items: try row[4])
    }
}

extension Transaction {
    /// Stores a batch as it is now.
    borrowing func store(_ batch: Batch) throws {
        try execute(
            """
            INSERT INTO batches (id, owner_id, state, bytes, items)
            VALUES (\(batch.id), \(batch.ownerID), \(batch.state), \(batch.bytes), \(batch.items))
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, bytes = excluded.bytes, items = excluded.items
            """
        )
    }

    /// Ends a batch, whose files take no more room than they have.
    borrowing func end(_ batch: Batch, _ state: Batch.State) throws {
        try release(bytes: batch.bytes, items: batch.items, of: batch.ownerID)
        try store(Batch(id: batch.id, ownerID: batch.ownerID, state: state, bytes: 0, items: 0))
    }

    /// Forgets the batches of an account that is gone.
    borrowing func forgetBatches(of owner: Identifier) throws {
        try execute("DELETE FROM batches WHERE owner_id = \(owner)")
    }

    /// Shows the items of a batch to whom they are meant for; hands back those that others see from now on.
    borrowing func show(itemsOf batch: Identifier) throws -> [(id: Identifier, version: Int64)] {
        try execute(
            """
            UPDATE media SET is_hidden = 0, version = version + 1 WHERE batch_id = \(batch)
            """
        )
        return try connection.rows(
            """
            SELECT id, version FROM media WHERE batch_id = \(batch) AND visibility = 'public' AND state = 'ready'
            ORDER BY batch_index
            """
        ) { (id: try $0[0], version: try $0[1]) }
    }
}
