import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Takes away what accounts that are gone wrote, and what was written about items that are gone: some a transaction. The
/// receipt of an erasure comes with its last step.
struct Removal: Sendable {
    private static let batch = 50

    let database: Database
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        let (erasure, target) = try await database.read { (try $0.openErasure(), try $0.targetToPurge()) }
        let now = clock.now
        if let erasure {
            try await database.write(priority: .background) { try Self.erase(erasure, at: now, $0) }
            return now
        }
        guard let target else { return nil }
        try await database.write(priority: .background) { try Self.purge(target, at: now, $0) }
        return now
    }

    // MARK: Accounts

    private static func erase(_ erasure: AccountErasure, at now: Timestamp, _ transaction: borrowing Transaction) throws
    {
        let user = erasure.userID
        let caller = Comments.Caller(userID: user, isModerator: false, now: now, traceparent: nil)
        let comments = try transaction.connection.comments(of: user, limit: batch)
        for comment in comments { try bury(comment, by: caller, transaction) }
        let reports = try transaction.connection.reports(by: user, limit: batch)
        for report in reports { try transaction.withdraw(report) }
        let isForgotten = try transaction.forget(user, limit: batch)
        guard comments.isEmpty, reports.isEmpty, isForgotten else { return }
        try transaction.forgetLimits(of: user)
        try transaction.endErasure(erasure, by: "comment", at: now)
    }

    /// Leaves a tombstone without a name.
    private static func bury(
        _ old: Comment,
        by author: Comments.Caller,
        _ transaction: borrowing Transaction
    ) throws {
        var comment = old
        comment.authorID = nil
        guard old.state != .deleted else { return try transaction.update(comment) }
        comment.delete()
        try transaction.bury(comment)
        guard let target = try transaction.connection.target(comment.targetID) else { return }
        let deleted = CommentDeleted(
            comment,
            on: target,
            parentAuthorID: try transaction.connection.author(of: comment.parentID),
            reason: "erased",
            by: author
        )
        try transaction.tell(deleted, by: author)
    }

    // MARK: Items

    /// Removes the last replies first: goes down to a level where nothing has replies.
    private static func purge(
        _ id: Identifier,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard let target = try transaction.connection.target(id) else { return }
        var level = id
        while true {
            let comments = try transaction.connection.comments(at: level, sort: .old, after: nil, limit: batch)
            if let parent = comments.first(where: { $0.replies > 0 }) {
                level = parent.id
                continue
            }
            for comment in comments { try remove(comment, on: target, at: now, transaction) }
            if level == id, comments.isEmpty { try transaction.notePurged(id) }
            return
        }
    }

    private static func remove(
        _ old: Comment,
        on target: Target,
        at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.remove(old)
        guard old.state != .deleted else { return }
        var comment = old
        comment.delete()
        let owner = Comments.Caller(userID: target.ownerID, isModerator: false, now: now, traceparent: nil)
        let deleted = CommentDeleted(comment, on: target, parentAuthorID: nil, reason: "target_deleted", by: owner)
        try transaction.tell(deleted, by: owner)
    }
}
