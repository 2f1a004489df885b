import Contracts
import Persistence
import System

extension Connection {
    func target(_ id: Identifier) throws -> Target? {
        try first("SELECT id, owner_id, is_public, is_ready, is_deleted FROM targets WHERE id = \(id)") { row in
            Target(
                id: try row[0],
                ownerID: try row[1],
                isPublic: try row[2],
                isReady: try row[3],
                isDeleted: try row[4]
            )
        }
    }

    /// The comments of a target as a whole.
    func thread(of target: Identifier) throws -> CommentThread {
        try first("SELECT comments, is_locked, slow_seconds FROM threads WHERE target_id = \(target)") { row in
            CommentThread(comments: try row[0], isLocked: try row[1], slowSeconds: try row[2])
        } ?? CommentThread()
    }

    /// A target that is gone and has comments yet.
    func targetToPurge() throws -> Identifier? {
        try value("SELECT id FROM targets WHERE is_deleted = 1 AND is_purged = 0 AND id > \([UInt8]()) LIMIT 1")
    }
}

extension Transaction {
    /// Notes what is told of a target; what is not said stays, and what is gone does not come back.
    borrowing func note(
        _ target: Identifier,
        of owner: Identifier,
        visibility: MediaVisibility? = nil,
        isReady: Bool? = nil
    ) throws {
        try execute(
            """
            INSERT INTO targets (id, owner_id, is_public, is_ready, is_deleted)
            VALUES (\(target), \(owner), \(visibility == .public), \(isReady ?? false), 0)
            ON CONFLICT (id) DO UPDATE SET is_public = coalesce(\(visibility.map { $0 == .public }), is_public),
                is_ready = coalesce(\(isReady), is_ready)
            """
        )
    }

    /// Notes that a target is gone.
    borrowing func noteDeleted(_ target: Identifier, of owner: Identifier) throws {
        try note(target, of: owner)
        try execute("UPDATE targets SET is_deleted = 1 WHERE id = \(target)")
    }

    /// Notes that nothing is left of what was written about a target.
    borrowing func notePurged(_ target: Identifier) throws {
        try execute("UPDATE targets SET is_purged = 1 WHERE id = \(target)")
        try execute("DELETE FROM threads WHERE target_id = \(target)")
    }

    borrowing func lock(_ target: Identifier, _ isLocked: Bool) throws {
        try execute(
            """
            INSERT INTO threads (target_id, is_locked) VALUES (\(target), \(isLocked))
            ON CONFLICT (target_id) DO UPDATE SET is_locked = excluded.is_locked
            """
        )
    }

    borrowing func slow(_ target: Identifier, seconds: Int64) throws {
        try execute(
            """
            INSERT INTO threads (target_id, slow_seconds) VALUES (\(target), \(seconds))
            ON CONFLICT (target_id) DO UPDATE SET slow_seconds = excluded.slow_seconds
            """
        )
    }
}
