import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// What moderators see and decide.
struct ModerationRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let comments: Comments

    func add(to router: inout Router) {
        router.get("/v1/admin/comments/reports", tokens.role(.moderator, handler: reports))
        router.get("/v1/admin/comments/moderation", tokens.role(.moderator, handler: log))
        router.put("/v1/admin/comments/:id/state", tokens.role(.moderator, handler: setState))
        router.put("/v1/admin/comments/:id/pin", tokens.role(.moderator, handler: pin))
        router.delete("/v1/admin/comments/:id/pin", tokens.role(.moderator, handler: unpin))
        router.put("/v1/admin/media/:id/comments/lock", tokens.role(.moderator, handler: lock))
        router.delete("/v1/admin/media/:id/comments/lock", tokens.role(.moderator, handler: unlock))
        router.put("/v1/admin/media/:id/comments/slow-mode", tokens.role(.moderator, handler: slow))
        router.delete("/v1/admin/media/:id/comments/slow-mode", tokens.role(.moderator, handler: unslow))
        router.put("/v1/admin/users/:id/comment-block", tokens.role(.moderator, handler: block))
        router.delete("/v1/admin/users/:id/comment-block", tokens.role(.moderator, handler: unblock))
    }

    /// Reported comments that wait for a decision, the longest waiting first.
    @Sendable private func reports(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "reports")
        let place = try page.after.map { key throws(Problem) in
            guard key.count == 2, let at = Int64(key[0]), let number = Int64(key[1]) else {
                throw Problem(.invalidCursor)
            }
            return (at: Timestamp(milliseconds: at), number: number)
        }
        let views = try await database.read { connection in
            try connection.reportedComments(after: place, limit: page.limit + 1).map { comment, since in
                try ReportedView(comment, since: since, connection)
            }
        }
        let items = page.page(views) { ["\($0.reportedAt.milliseconds)", "\($0.comment.comment.number)"] }
        return try .page(items, of: request)
    }

    /// What moderators did, the latest first.
    @Sendable private func log(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "moderation")
        let before = page.after?.first.flatMap { Int64($0) } ?? .max
        let actions = try await database.read { try $0.moderation(before: before, limit: page.limit + 1) }
        return try .page(page.page(actions.map(ModerationView.init)) { ["\($0.number)"] }, of: request)
    }

    @Sendable private func setState(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let body = try await request.json(StateChange.self)
        let decision = try body.decision()
        let view = try await change(request, moderator) { comments, caller, transaction in
            let comment = try comments.moderate(id, decision, reason: body.reason, by: caller, transaction)
            return try CommentView(comment, isModerator: true, transaction.connection)
        }
        return try .json(view, [.eTag: VersionMatch.tag(of: view.comment).description])
    }

    @Sendable private func pin(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        try await change(request, moderator) { try $0.pin(id, true, by: $1, $2) }
        return .noContent
    }

    @Sendable private func unpin(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        try await change(request, moderator) { try $0.pin(id, false, by: $1, $2) }
        return .noContent
    }

    // MARK: Items

    @Sendable private func lock(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        try await changeItem("lock", request, moderator) { try $0.lock($1, true) }
    }

    @Sendable private func unlock(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        try await changeItem("unlock", request, moderator) { try $0.lock($1, false) }
    }

    @Sendable private func slow(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let body = try await request.json(SlowMode.self)
        try body.check()
        return try await changeItem("slow", request, moderator) { try $0.slow($1, seconds: Int64(body.seconds)) }
    }

    @Sendable private func unslow(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        try await changeItem("unslow", request, moderator) { try $0.slow($1, seconds: 0) }
    }

    private func changeItem(
        _ action: String,
        _ request: Request,
        _ moderator: AccessToken,
        _ body: @escaping @Sendable (borrowing Transaction, Identifier) throws -> Void
    ) async throws -> Response {
        let id = try request.identifier("id")
        try await change(request, moderator) { _, caller, transaction in
            guard let target = try transaction.connection.target(id), !target.isDeleted else {
                throw Problem(.targetNotFound)
            }
            try body(transaction, id)
            try transaction.note(action, id, nil, by: caller)
        }
        return .noContent
    }

    // MARK: People

    @Sendable private func block(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let body = try await request.json(CommentBlock.self)
        try body.check(at: clock.now)
        try await change(request, moderator) { _, caller, transaction in
            guard try !transaction.connection.isErased(id) else { throw Problem(.notFound) }
            try transaction.blockComments(of: id, until: body.until)
            try transaction.note("block", id, body.reason, by: caller)
        }
        return .noContent
    }

    @Sendable private func unblock(_ request: Request, _ moderator: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        try await change(request, moderator) { _, caller, transaction in
            try transaction.unblockComments(of: id)
            try transaction.note("unblock", id, nil, by: caller)
        }
        return .noContent
    }

    @discardableResult
    private func change<Result: Sendable>(
        _ request: Request,
        _ moderator: AccessToken,
        _ body: @escaping @Sendable (Comments, Comments.Caller, borrowing Transaction) throws -> Result
    ) async throws -> Result {
        let caller = Comments.Caller(moderator, request, at: clock.now)
        let comments = comments
        return try await database.write { try body(comments, caller, $0) }
    }
}
