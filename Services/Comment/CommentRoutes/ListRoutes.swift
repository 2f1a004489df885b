import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// Comments as they are read: level by level, page by page, and live.
struct ListRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let arrival: TargetArrival
    let feed: LiveFeed<Identifier>

    func add(to router: inout Router) {
        router.get("/v1/media/:id/comments", tokens.optionalUser(comments))
        router.get("/v1/media/:id/comments/summary", tokens.optionalUser(summary))
        router.get("/v1/media/:id/comments/stream", tokens.optionalUser(stream))
        router.get("/v1/comments/:id/replies", tokens.optionalUser(replies))
    }

    /// The comments on an item itself; the newest first unless another order is asked for.
    @Sendable private func comments(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let target = try request.identifier("id")
        try await arrival.settle(target, for: token?.userID, at: clock.now, on: request.loop)
        return try await list(request, at: target, sort: .new, for: token) {
            _ = try $0.visibleTarget(target, to: token?.userID)
        }
    }

    /// The direct replies to a comment; the oldest first unless another order is asked for.
    @Sendable private func replies(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let parent = try request.identifier("id")
        return try await list(request, at: parent, sort: .old, for: token) {
            _ = try $0.visibleComment(parent, to: token?.userID)
        }
    }

    private func list(
        _ request: Request,
        at level: Identifier,
        sort fallback: CommentSort,
        for token: AccessToken?,
        check: @escaping @Sendable (Persistence.Connection) throws -> Void
    ) async throws -> Response {
        let text = try request.query("sort") ?? fallback.rawValue
        guard let sort = CommentSort(rawValue: text) else { throw Problem.invalid("sort", "new, old or top") }
        let page = try PageRequest(try request.query(), filter: "comments \(level) \(sort)")
        let place = try page.after.map(Self.place)
        let views = try await database.read { connection in
            try check(connection)
            let found = try connection.comments(at: level, sort: sort, after: place, limit: page.limit + 1)
            return try found.map { try CommentView($0, for: token?.userID, connection) }
        }
        let shown = page.page(views) { ["\($0.comment.listedRank)", "\($0.comment.number)"] }
        return try .page(items: shown.items.map { $0.json() }, nextCursor: shown.nextCursor, of: request)
    }

    private static func place(_ key: [String]) throws(Problem) -> CommentPlace {
        guard key.count == 2, let rank = Int64(key[0]), let number = Int64(key[1]) else {
            throw Problem(.invalidCursor)
        }
        return CommentPlace(rank: rank, number: number)
    }

    @Sendable private func summary(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let target = try request.identifier("id")
        try await arrival.settle(target, for: token?.userID, at: clock.now, on: request.loop)
        let thread = try await database.read { connection in
            _ = try connection.visibleTarget(target, to: token?.userID)
            return try connection.thread(of: target)
        }
        return try .json(ThreadView(thread))
    }

    /// What happens to the comments of an item, from now on or behind `Last-Event-ID`, for as long as one may see it.
    @Sendable private func stream(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let target = try request.identifier("id")
        try await arrival.settle(target, for: token?.userID, at: clock.now, on: request.loop)
        let (database, targets) = (database, arrival.targets)
        let isVisible: @Sendable () async throws -> Bool = {
            try await database.read { try $0.target(target)?.isVisible(to: token?.userID) ?? false }
        }
        guard try await isVisible() else { throw Problem(.targetNotFound) }
        return feed.response(
            to: request,
            key: target,
            beside: { _ in try await targets.follow(target, isVisible) },
            whileGood: token,
            in: tokens.revocations
        )
    }
}
