import Persistence
import System

extension ReportReason: ColumnValue {}

/// What somebody says against a comment.
struct Report: Sendable, Equatable {
    let commentID: Identifier
    let reporterID: Identifier
    let reason: ReportReason
    let note: String?
    let createdAt: Timestamp
}

/// What a moderator did.
struct ModerationAction: Sendable, Equatable {
    var number: Int64 = 0
    let actorID: Identifier
    /// Such as `hide` or `lock`.
    let action: String
    /// The comment, the target or the user.
    let subjectID: Identifier
    let reason: String?
    let createdAt: Timestamp
}

extension Connection {
    /// Reports of a comment that nobody decided on.
    func openReports(of comment: Identifier, limit: Int) throws -> [Report] {
        try rows(
            """
            SELECT comment_id, reporter_id, reason, note, created_at FROM reports
            WHERE comment_id = \(comment) AND is_open = 1 LIMIT \(limit)
            """,
            decode
        )
    }

    /// Reports that somebody made.
    func reports(by user: Identifier, limit: Int) throws -> [Report] {
        try rows(
            """
            SELECT comment_id, reporter_id, reason, note, created_at FROM reports WHERE reporter_id = \(user)
            LIMIT \(limit)
            """,
            decode
        )
    }

    private func decode(_ row: borrowing Row) throws -> Report {
        Report(
            commentID: try row[0],
            reporterID: try row[1],
            reason: try row[2],
            note: try row[3],
            createdAt: try row[4]
        )
    }

    /// What moderators did, newest first.
    func moderation(before number: Int64, limit: Int) throws -> [ModerationAction] {
        try rows(
            """
            SELECT number, actor_id, action, subject_id, reason, created_at FROM moderation
            WHERE number < \(number) ORDER BY number DESC LIMIT \(limit)
            """
        ) { row in
            ModerationAction(
                number: try row[0],
                actorID: try row[1],
                action: try row[2],
                subjectID: try row[3],
                reason: try row[4],
                createdAt: try row[5]
            )
        }
    }
}

extension Transaction {
    /// Adds a report; false when this person has reported the comment before.
    borrowing func insert(_ report: Report) throws -> Bool {
        let isNew =
            try execute(
                """
                INSERT INTO reports (comment_id, reporter_id, reason, note, created_at, is_open)
                VALUES (\(report.commentID), \(report.reporterID), \(report.reason), \(report.note),
                    \(report.createdAt), 1) ON CONFLICT DO NOTHING
                """
            ) == 1
        guard isNew, var comment = try connection.comment(report.commentID) else { return false }
        comment.reports += 1
        try update(comment)
        try execute(
            """
            UPDATE comments SET reported_at = coalesce(reported_at, \(report.createdAt)) WHERE number = \(comment.number)
            """
        )
        return true
    }

    borrowing func closeReports(of comment: Identifier) throws {
        try execute("UPDATE reports SET is_open = 0 WHERE comment_id = \(comment) AND is_open = 1")
    }

    /// Takes a report back with its maker's account.
    borrowing func withdraw(_ report: Report) throws {
        let wasOpen = try exists(
            """
            SELECT 1 FROM reports
            WHERE comment_id = \(report.commentID) AND reporter_id = \(report.reporterID) AND is_open = 1
            """
        )
        try execute(
            "DELETE FROM reports WHERE comment_id = \(report.commentID) AND reporter_id = \(report.reporterID)"
        )
        guard wasOpen, var comment = try connection.comment(report.commentID) else { return }
        comment.reports = max(0, comment.reports - 1)
        try update(comment)
    }

    borrowing func note(_ action: ModerationAction) throws {
        try execute(
            """
            INSERT INTO moderation (actor_id, action, subject_id, reason, created_at)
            VALUES (\(action.actorID), \(action.action), \(action.subjectID), \(action.reason), \(action.createdAt))
            """
        )
    }
}
