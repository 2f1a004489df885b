import Persistence
import System

/// A whole file that a worker is to look at.
struct FileJob: Sendable, Equatable {
    let batchID: Identifier
    let index: Int
    let attempts: Int
    let traceparent: String?
}

extension Connection {
    /// The first jobs that are due.
    func dueJobs(at now: Timestamp, limit: Int) throws -> [FileJob] {
        try rows(
            """
            SELECT batch_id, place, attempts, traceparent FROM jobs WHERE due_at <= \(now) ORDER BY due_at, id
            LIMIT \(limit)
            """
        ) {
            FileJob(batchID: try $0[0], index: try $0[1], attempts: try $0[2], traceparent: try $0[3])
        }
    }

    /// When the next job behind an instant is due.
    func nextJob(after now: Timestamp) throws -> Timestamp? {
        try value("SELECT due_at FROM jobs WHERE due_at > \(now) ORDER BY due_at LIMIT 1")
    }
}

extension Transaction {
    /// Takes a job; one that is there stays as it is.
    borrowing func insertJob(_ batch: Identifier, _ index: Int, traceparent: String?, at now: Timestamp) throws {
        try execute(
            """
            INSERT INTO jobs (batch_id, place, attempts, due_at, traceparent)
            VALUES (\(batch), \(index), 0, \(now), \(traceparent)) ON CONFLICT DO NOTHING
            """
        )
    }

    /// Lets a job wait for its next try.
    borrowing func postpone(_ job: FileJob, until time: Timestamp) throws {
        try execute(
            """
            UPDATE jobs SET attempts = attempts + 1, due_at = \(time)
            WHERE batch_id = \(job.batchID) AND place = \(job.index)
            """
        )
    }

    borrowing func removeJob(_ batch: Identifier, _ index: Int) throws {
        try execute("DELETE FROM jobs WHERE batch_id = \(batch) AND place = \(index)")
    }
}
