import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// Comments as people write and change them.
struct CommentRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let comments: Comments
    let arrival: TargetArrival

    func add(to router: inout Router) {
        router.post("/v1/media/:id/comments", tokens.user(add))
        router.get("/v1/comments/:id", tokens.optionalUser(show))
        router.patch("/v1/comments/:id", tokens.user(edit))
        router.delete("/v1/comments/:id", tokens.user(delete))
        router.get("/v1/comments/:id/versions", tokens.user(versions))
        router.post("/v1/comments/:id/reports", tokens.user(report))
    }

    @Sendable private func add(_ request: Request, _ token: AccessToken) async throws -> Response {
        let target = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(NewComment.self, from: bytes, contentType: request.headerFields[.contentType])
        let prepared = try PreparedText(body.body, rules: comments.rules)
        let caller = Comments.Caller(token, request, at: clock.now)
        try await arrival.settle(target, for: token.userID, at: caller.now, on: request.loop)
        let draft = Comments.Draft(
            id: .version7(at: caller.now),
            targetID: target,
            parentID: body.parentID,
            text: prepared.text,
            rendered: prepared.rendered
        )
        let comments = comments
        return try await request.idempotent(
            scope: token.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            let comment = try comments.add(draft, by: caller, transaction)
            return .json(
                bytes: try CommentView(comment, transaction.connection).json(),
                status: 201,
                headers: [
                    OutboxHeader("Location", text: "/v1/comments/\(comment.id)"),
                    OutboxHeader("ETag", text: VersionMatch.tag(of: comment).description),
                ]
            )
        }
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let id = try request.identifier("id")
        let user = token?.userID
        let view = try await database.read { connection in
            try CommentView(try connection.visibleComment(id, to: user).0, for: user, connection)
        }
        return try request.conditional(VersionMatch.tag(of: view.comment)) { try .json(view) }
    }

    @Sendable private func edit(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let patch = try await request.json(CommentPatch.self)
        let prepared = try PreparedText(patch.body, rules: comments.rules)
        guard let match = VersionMatch(request) else { throw Problem(.preconditionRequired) }
        let caller = Comments.Caller(token, request, at: clock.now)
        let comments = comments
        let view = try await database.write { transaction in
            let comment = try comments.edit(
                id,
                prepared.text,
                prepared.rendered,
                match: match,
                by: caller,
                transaction
            )
            return try CommentView(comment, transaction.connection)
        }
        return try .json(view, [.eTag: VersionMatch.tag(of: view.comment).description])
    }

    @Sendable private func delete(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let match = VersionMatch(request)
        let caller = Comments.Caller(token, request, at: clock.now)
        let comments = comments
        try await database.write { try comments.delete(id, match: match, by: caller, $0) }
        return .noContent
    }

    /// Earlier texts, for their author and moderators: that a comment was edited everybody sees.
    @Sendable private func versions(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let page = try PageRequest(try request.query(), filter: "versions \(id)")
        let before = page.after?.first.flatMap { Int($0) } ?? .max
        let revisions = try await database.read { connection in
            let comment = try connection.visibleComment(id, to: token.userID).0
            guard comment.authorID == token.userID || token.isModerator else { throw Problem(.forbidden) }
            return try connection.revisions(of: id, before: before, limit: page.limit + 1)
        }
        return try .page(page.page(revisions.map(RevisionView.init)) { ["\($0.version)"] }, of: request)
    }

    @Sendable private func report(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(NewReport.self, from: bytes, contentType: request.headerFields[.contentType])
        try body.check()
        let caller = Comments.Caller(token, request, at: clock.now)
        let comments = comments
        return try await request.idempotent(
            scope: token.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            try comments.report(id, body.reason, note: body.note, by: caller, transaction)
            return StoredResponse(status: 202, headers: [], body: [])
        }
    }
}

extension AccessToken {
    /// Whether the caller may decide on others' comments.
    var isModerator: Bool { hasRole(Role.moderator.rawValue) || hasRole(Role.admin.rawValue) }
}

extension Comments.Caller {
    init(_ token: AccessToken, _ request: Request, at now: Timestamp) {
        self.init(
            userID: token.userID,
            isModerator: token.isModerator,
            now: now,
            traceparent: request.traceContext?.traceparent
        )
    }
}
