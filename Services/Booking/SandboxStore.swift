import Persistence
import System

extension Transaction {
    /// Takes a request to the sandbox once: false when its key is known.
    borrowing func acceptSandboxRequest(_ idempotencyKey: String, reports: [SandboxReport]) throws -> Bool {
        let inserted = try execute(
            "INSERT INTO sandbox_requests (idempotency_key) VALUES (\(idempotencyKey)) ON CONFLICT DO NOTHING"
        )
        guard inserted == 1 else { return false }
        for report in reports {
            try execute(
                """
                INSERT INTO sandbox_reports (webhook_id, body, due_at)
                VALUES (\(report.webhookID), \(report.body), \(report.dueAt))
                """
            )
        }
        return true
    }

    /// The webhook was taken, or given up.
    borrowing func finish(_ report: SandboxReport) throws {
        try execute("DELETE FROM sandbox_reports WHERE id = \(report.id)")
    }

    /// The webhook was not taken: again at an instant.
    borrowing func postpone(_ report: SandboxReport, until due: Timestamp) throws {
        try execute("UPDATE sandbox_reports SET attempts = attempts + 1, due_at = \(due) WHERE id = \(report.id)")
    }
}

extension Connection {
    /// Webhooks that are due, and when the next one after them is.
    func dueSandboxReports(at now: Timestamp, limit: Int) throws -> (due: [SandboxReport], next: Timestamp?) {
        let due = try rows(
            """
            SELECT id, webhook_id, body, attempts, due_at FROM sandbox_reports
            WHERE due_at <= \(now) ORDER BY due_at, id LIMIT \(limit)
            """
        ) { row in
            SandboxReport(
                id: try row[0],
                webhookID: try row[1],
                body: try row[2],
                attempts: try row[3],
                dueAt: try row[4]
            )
        }
        let next: Timestamp? = try value(
            "SELECT due_at FROM sandbox_reports WHERE due_at > \(now) ORDER BY due_at LIMIT 1"
        )
        return (due, next)
    }
}
