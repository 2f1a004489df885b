import Contracts
import Persistence
import ServiceKit
import System

/// What people report and moderators decide, each in the transaction of its request.
extension Comments {
    /// Notes that somebody finds a comment bad; again, nothing more happens.
    func report(
        _ id: Identifier,
        _ reason: ReportReason,
        note: String?,
        by caller: Caller,
        _ transaction: borrowing Transaction
    ) throws {
        let connection = transaction.connection
        try connection.checkStanding(of: caller.userID)
        let (comment, target) = try connection.visibleComment(id, to: caller.userID)
        guard comment.state != .deleted else { throw Problem(.notFound) }
        guard comment.authorID != caller.userID else { throw Problem(.conflict, "one's own comment") }
        let pace = Pace(perMinute: CommentRules.reportsPerMinute)
        let emptyAt = try pace.take(at: caller.now, emptyAt: connection.paces(of: caller.userID).reports)
            .mapError { RateLimited.pace("reports", pace, $0) }.get()
        try transaction.setReportPace(of: caller.userID, emptyAt)
        let report = Report(
            commentID: id,
            reporterID: caller.userID,
            reason: reason,
            note: note,
            createdAt: caller.now
        )
        guard comment.state == .visible, try transaction.insert(report) else { return }
        let reported = CommentReported(
            comment,
            on: target,
            parentAuthorID: try connection.author(of: comment.parentID),
            reason: reason.rawValue,
            by: caller
        )
        try transaction.tell(reported, by: caller)
    }

    /// Hides a comment or puts it back; either way what was reported is decided.
    func moderate(
        _ id: Identifier,
        _ state: Comment.State,
        reason: String?,
        by caller: Caller,
        _ transaction: borrowing Transaction
    ) throws -> Comment {
        let connection = transaction.connection
        guard let old = try connection.comment(id), let target = try connection.target(old.targetID) else {
            throw Problem(.notFound)
        }
        guard old.state != .deleted else { throw Problem(.conflict, "it is deleted") }
        var comment = old
        comment.moderate(state)
        try transaction.update(comment)
        try transaction.closeReports(of: id)
        guard comment.version != old.version else {
            if old.reports > 0 { try transaction.note("dismiss", id, reason, by: caller) }
            return comment
        }
        try transaction.note(state == .hidden ? "hide" : "restore", id, reason, by: caller)
        let parentAuthor = try connection.author(of: comment.parentID)
        if state == .hidden {
            let hidden = CommentHidden(comment, on: target, parentAuthorID: parentAuthor, reason: reason, by: caller)
            try transaction.tell(hidden, by: caller)
        } else {
            let restored = CommentRestored(
                comment,
                on: target,
                parentAuthorID: parentAuthor,
                excerpt: excerpt(of: comment),
                by: caller
            )
            try transaction.tell(restored, by: caller)
        }
        return comment
    }

    /// Puts a comment before all others of its item, by `top`, or back among them.
    func pin(_ id: Identifier, _ isPinned: Bool, by caller: Caller, _ transaction: borrowing Transaction) throws {
        guard var comment = try transaction.connection.comment(id) else { throw Problem(.notFound) }
        guard comment.parentID == nil, comment.state == .visible else {
            throw Problem(.conflict, "only what is seen and no reply can be pinned")
        }
        guard comment.isPinned != isPinned else { return }
        comment.isPinned = isPinned
        try transaction.update(comment)
        try transaction.note(isPinned ? "pin" : "unpin", id, nil, by: caller)
    }

    /// What was stored has been rendered before.
    private func excerpt(of comment: Comment) -> String {
        guard let body = comment.body, let text = try? CommentText(body) else { return "" }
        return (try? RenderedText(text))?.excerpt ?? ""
    }
}
