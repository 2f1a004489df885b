import Contracts
import EventBus
import Persistence
import ServiceKit
import System

extension CommentChange {
    /// What happened to a comment, by somebody.
    init(
        _ comment: Comment,
        on target: Target,
        parentAuthorID: Identifier?,
        mentionedIDs: [Identifier] = [],
        excerpt: String? = nil,
        reason: String? = nil,
        by caller: Comments.Caller
    ) {
        self.init(
            commentID: comment.id,
            targetID: target.id,
            targetOwnerID: target.ownerID,
            authorID: comment.authorID ?? caller.userID,
            parentID: comment.parentID,
            parentAuthorID: parentAuthorID,
            mentionedIDs: mentionedIDs,
            depth: comment.depth,
            version: comment.version,
            excerpt: excerpt,
            actorID: caller.userID,
            reason: reason,
            timestamp: caller.now
        )
    }
}

extension Transaction {
    /// Publishes what happened to a comment.
    borrowing func tell<Name>(_ change: CommentChange<Name>, by caller: Comments.Caller) throws {
        try publish(
            change,
            at: caller.now,
            sequence: Int64(change.version),
            traceparent: caller.traceparent
        )
    }

    /// Keeps what a moderator did.
    borrowing func note(
        _ action: String,
        _ subject: Identifier,
        _ reason: String?,
        by caller: Comments.Caller
    ) throws {
        try note(
            ModerationAction(
                actorID: caller.userID,
                action: action,
                subjectID: subject,
                reason: reason,
                createdAt: caller.now
            )
        )
    }
}

extension RateLimited {
    /// Too many in a minute.
    static func pace(_ name: String, _ pace: Pace, _ refusal: Pace.Refusal) -> RateLimited {
        RateLimited([
            Limit(
                name: name,
                quota: pace.perMinute,
                windowSeconds: 60,
                remaining: 0,
                seconds: refusal.seconds,
                isViolated: true
            )
        ])
    }

    /// Too soon after one's last comment on the item.
    static func slowMode(_ thread: CommentThread, _ refusal: Pace.Refusal) -> RateLimited {
        RateLimited([
            Limit(
                name: "slow-mode",
                quota: 1,
                windowSeconds: Int(thread.slowSeconds),
                remaining: 0,
                seconds: refusal.seconds,
                isViolated: true
            )
        ])
    }
}
