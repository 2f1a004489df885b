import Contracts
import EventBus
import HTTPCore
import Persistence
import ServiceKit
import System

/// What people do with comments, each in the transaction of its request: checked, stored, told.
struct Comments: Sendable {
    let rules: CommentRules

    /// Who does something, when, and the trace of the request.
    struct Caller: Sendable {
        let userID: Identifier
        let isModerator: Bool
        let now: Timestamp
        let traceparent: String?
    }

    /// A text that is ready to be stored.
    struct Draft: Sendable {
        let id: Identifier
        let targetID: Identifier
        let parentID: Identifier?
        let text: CommentText
        let rendered: RenderedText
    }

    // MARK: Writing

    func add(_ draft: Draft, by caller: Caller, _ transaction: borrowing Transaction) throws -> Comment {
        let connection = transaction.connection
        let target = try connection.writableTarget(draft.targetID, for: caller)
        let parent = try draft.parentID.map { try self.parent($0, of: draft, connection) }
        try checkBlocks(target, parent, caller, connection)
        let thread = try connection.thread(of: target.id)
        try checkRepeats(draft, thread, caller, connection)
        let pace = Pace(perMinute: rules.commentsPerMinute)
        let emptyAt = try pace.take(at: caller.now, emptyAt: connection.paces(of: caller.userID).comments)
            .mapError { RateLimited.pace("comments", pace, $0) }.get()
        try transaction.setCommentPace(of: caller.userID, emptyAt)
        let new = Comment(
            number: 0,
            id: draft.id,
            targetID: target.id,
            parentID: draft.parentID,
            authorID: caller.userID,
            depth: parent.map { $0.depth + 1 } ?? 0,
            body: draft.text.text,
            html: draft.rendered.html,
            createdAt: caller.now
        )
        let mentioned = try mentions(draft.rendered.handles, on: target, caller, connection)
        let comment = try transaction.insert(new, mentioning: mentioned)
        let added = CommentAdded(
            comment,
            on: target,
            parentAuthorID: parent?.authorID,
            mentionedIDs: mentioned,
            excerpt: draft.rendered.excerpt,
            by: caller
        )
        try transaction.tell(added, by: caller)
        return comment
    }

    /// Changes a text; the same text changes nothing.
    func edit(
        _ id: Identifier,
        _ text: CommentText,
        _ rendered: RenderedText,
        match: VersionMatch,
        by caller: Caller,
        _ transaction: borrowing Transaction
    ) throws -> Comment {
        let connection = transaction.connection
        var (comment, target) = try connection.visibleComment(id, to: caller.userID)
        guard comment.authorID == caller.userID else { throw Problem(.forbidden, "another's comment") }
        _ = try connection.writableTarget(target.id, for: caller)
        try match.check(comment.version)
        guard comment.state == .visible else { throw Problem(.commentNotEditable, "it is \(comment.state.rawValue)") }
        let age = caller.now.milliseconds - comment.createdAt.milliseconds
        guard age <= rules.editSeconds * 1000 else {
            throw Problem(.commentNotEditable, "for \(rules.editSeconds) seconds it could be changed")
        }
        guard comment.body != text.text else { return comment }
        let before = Set(try connection.mentions(in: id))
        let mentioned = try mentions(rendered.handles, on: target, caller, connection)
        try transaction.keepRevision(of: comment)
        comment.edit(text, rendered, at: caller.now)
        try transaction.update(comment)
        try transaction.replace(mentions: mentioned, in: id)
        let edited = CommentEdited(
            comment,
            on: target,
            parentAuthorID: try connection.author(of: comment.parentID),
            mentionedIDs: mentioned.filter { !before.contains($0) },
            excerpt: rendered.excerpt,
            by: caller
        )
        try transaction.tell(edited, by: caller)
        return comment
    }

    /// Leaves a tombstone; what is one already stays so.
    func delete(
        _ id: Identifier,
        match: VersionMatch?,
        by caller: Caller,
        _ transaction: borrowing Transaction
    ) throws {
        var (comment, target) = try transaction.connection.visibleComment(id, to: caller.userID)
        let isAuthor = comment.authorID == caller.userID
        guard isAuthor || caller.isModerator else { throw Problem(.forbidden, "another's comment") }
        try match?.check(comment.version)
        guard comment.state != .deleted else { return }
        comment.delete()
        try transaction.bury(comment)
        let deleted = CommentDeleted(
            comment,
            on: target,
            parentAuthorID: try transaction.connection.author(of: comment.parentID),
            reason: isAuthor ? "author" : "moderator",
            by: caller
        )
        try transaction.tell(deleted, by: caller)
        if !isAuthor { try transaction.note("delete", id, nil, by: caller) }
    }

    // MARK: Rules

    private func parent(
        _ id: Identifier,
        of draft: Draft,
        _ connection: Connection
    ) throws -> Comment {
        guard let parent = try connection.comment(id), parent.targetID == draft.targetID else {
            throw Problem.invalid("/parent_id", "no comment of this item", code: "not_found")
        }
        guard parent.state == .visible else {
            throw Problem.invalid("/parent_id", "it is \(parent.state.rawValue)", code: "not_found")
        }
        guard parent.depth < rules.maximumDepth else {
            throw Problem.invalid("/parent_id", "replies end at depth \(rules.maximumDepth)", code: "too_deep")
        }
        return parent
    }

    /// Who is blocked by the owner of an item, or by whom they reply to, does not write there.
    private func checkBlocks(
        _ target: Target,
        _ parent: Comment?,
        _ caller: Caller,
        _ connection: Connection
    ) throws {
        for person in [target.ownerID, parent?.authorID].compactMap(\.self) {
            guard try !connection.hasBlocked(person, caller.userID) else {
                throw Problem(.forbidden, "this person does not want to hear from you")
            }
        }
    }

    private func checkRepeats(
        _ draft: Draft,
        _ thread: CommentThread,
        _ caller: Caller,
        _ connection: Connection
    ) throws {
        let last = try connection.lastComments(
            of: caller.userID,
            on: draft.targetID,
            limit: CommentRules.comparedTexts
        )
        if thread.slowSeconds > 0, let latest = last.first {
            let wait = latest.createdAt.adding(seconds: thread.slowSeconds).milliseconds - caller.now.milliseconds
            guard wait <= 0 else { throw RateLimited.slowMode(thread, Pace.Refusal(milliseconds: wait)) }
        }
        let level = draft.parentID ?? draft.targetID
        let isRepeat = last.contains { earlier in
            earlier.levelID == level && earlier.body == draft.text.text
                && caller.now.milliseconds - earlier.createdAt.milliseconds < CommentRules.repeatMilliseconds
        }
        guard !isRepeat else { throw Problem(.duplicateComment) }
    }

    /// Whom handles name: not the author, nobody who cannot see the item, nobody who has blocked the author.
    private func mentions(
        _ handles: [String],
        on target: Target,
        _ caller: Caller,
        _ connection: Connection
    ) throws -> [Identifier] {
        try handles.compactMap { handle in
            guard let user = try connection.user(withHandle: handle), user != caller.userID,
                target.isVisible(to: user), try !connection.hasBlocked(user, caller.userID)
            else { return nil }
            return user
        }
    }
}

extension Connection {
    /// An item that somebody may see; else 404 `target_not_found`.
    func visibleTarget(_ id: Identifier, to user: Identifier?) throws -> Target {
        guard let target = try target(id), target.isVisible(to: user) else { throw Problem(.targetNotFound) }
        return target
    }

    /// A comment on an item that somebody may see, and the item; else 404.
    func visibleComment(_ id: Identifier, to user: Identifier?) throws -> (Comment, Target) {
        guard let comment = try comment(id), let target = try target(comment.targetID), target.isVisible(to: user)
        else { throw Problem(.notFound) }
        return (comment, target)
    }

    /// An item that somebody may write about. Throws 401 when the account is gone, 403 when it may not write, 404 when there
    /// is no such item for it, 423 when the comments are locked.
    func writableTarget(_ id: Identifier, for caller: Comments.Caller) throws -> Target {
        try checkMayWrite(caller)
        let target = try visibleTarget(id, to: caller.userID)
        guard try !thread(of: id).isLocked else { throw Problem(.threadLocked) }
        return target
    }

    /// Refuses who may not write at all.
    func checkMayWrite(_ caller: Comments.Caller) throws {
        try checkStanding(of: caller.userID)
        guard let until = try commentBlock(of: caller.userID, at: caller.now) else { return }
        throw Problem(.commentBlocked, until.milliseconds == .max ? nil : "until \(until)")
    }

    /// Who wrote a comment, as far as it is known.
    func author(of comment: Identifier?) throws -> Identifier? {
        try comment.flatMap { try self.comment($0)?.authorID }
    }
}
