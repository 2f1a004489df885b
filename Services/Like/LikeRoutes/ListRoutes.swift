import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Who likes something, what one likes, and counts of many targets at once.
struct ListRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let arrival: TargetArrival

    func add(to router: inout Router) {
        for type in LikeTarget.allCases {
            let path = "\(type.collection)"
            router.get("/v1/\(path)/:id/likes", tokens.optionalUser { try await list(type, $0, $1) })
        }
        router.post("/v1/likes/counts", tokens.optionalUser(count))
        router.get("/v1/users/me/likes", tokens.user(own))
    }

    private func list(_ type: LikeTarget, _ request: Request, _ token: AccessToken?) async throws -> Response {
        let id = try request.identifier("id")
        let page = try PageRequest(try request.query(), filter: "likes of \(id)")
        let last = try Self.place(page)
        let user = token?.userID
        let (target, likes) = try await arrival.expect(id, at: clock.now, request) {
            try await database.read { connection in
                guard let target = try connection.target(type, id) else { throw UnknownTarget() }
                guard target.isVisible(to: user) else { throw Problem(.targetNotFound) }
                return (target, try connection.likes(of: id, before: last, limit: page.limit + 1))
            }
        }
        let views = page.page(likes.map(LikerView.init)) {
            [$0.likedAt.milliseconds.description, $0.userID.description]
        }
        return try request.conditional(EntityTag("\(target.version)")) {
            let fields = try request.link(to: views.nextCursor)
            return try .json(LikersView(count: target.count, items: views.items, nextCursor: views.nextCursor), fields)
        }
    }

    /// What one does not see any more is left out, so a page may have fewer items than were asked for.
    @Sendable private func own(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let page = try PageRequest(try request.query(), filter: "likes by \(user)")
        let last = try Self.place(page)
        let found = try await database.read { connection in
            let likes = try connection.likes(by: user, before: last, limit: page.limit + 1)
            return try likes.map { (like: $0, target: try connection.target($0.targetID)) }
        }
        let all = page.page(found.map(OwnLikeView.init)) { [$0.likedAt.milliseconds.description, $0.id.description] }
        let hidden = Set(found.filter { $0.target?.isVisible(to: user) != true }.map(\.like.targetID))
        let views = Page(items: all.items.filter { !hidden.contains($0.id) }, nextCursor: all.nextCursor)
        return try .page(views, of: request)
    }

    /// What one does not see is left out.
    @Sendable private func count(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let body = try await request.json(CountsBody.self)
        guard (1...CountsBody.maximumTargets).contains(body.targets.count) else {
            throw Problem.invalid("/targets", "1 to \(CountsBody.maximumTargets) targets")
        }
        let user = token?.userID
        let counts = try await database.read { connection in
            try body.targets.compactMap { asked -> CountView? in
                guard let target = try connection.target(asked.type, asked.id), target.isVisible(to: user) else {
                    return nil
                }
                let isLiked = try user.map { try connection.isLiked(asked.id, by: $0) }
                return CountView(type: asked.type, id: asked.id, count: target.count, liked: isLiked)
            }
        }
        return try .json(["items": counts])
    }

    /// Where a page begins: behind an instant, and behind an id of that instant.
    private static func place(_ page: PageRequest) throws(Problem) -> (Timestamp, Identifier)? {
        guard let after = page.after else { return nil }
        guard after.count == 2, let time = Int64(after[0]), let id = Identifier(after[1]) else {
            throw Problem(.invalidCursor)
        }
        return (Timestamp(milliseconds: time), id)
    }
}
