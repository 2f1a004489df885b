import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// One's own like of a target: set, taken back, looked at. Each may be repeated.
struct LikeRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let arrival: TargetArrival

    func add(to router: inout Router) {
        for type in LikeTarget.allCases {
            let path = "\(type.collection)"
            router.put("/v1/\(path)/:id/likes/me", tokens.user { try await like(type, $0, $1) })
            router.delete("/v1/\(path)/:id/likes/me", tokens.user { try await unlike(type, $0, $1) })
            router.get("/v1/\(path)/:id/likes/me", tokens.user { try await show(type, $0, $1) })
        }
    }

    private func like(_ type: LikeTarget, _ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (user, now, trace) = (token.userID, clock.now, request.traceContext?.traceparent)
        let state = try await arrival.expect(id, at: now, request) {
            try await database.write { try $0.like(type, id, by: user, at: now, traceparent: trace) }
        }
        return state.response
    }

    /// Who liked something may take it back even when they do not see it any more.
    private func unlike(_ type: LikeTarget, _ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (user, now, trace) = (token.userID, clock.now, request.traceContext?.traceparent)
        let state = try await arrival.expect(id, at: now, request) {
            try await database.write { transaction in
                guard let target = try transaction.connection.target(type, id) else { throw UnknownTarget() }
                let removed = try transaction.unlike(target, by: user, .unliked, at: now, traceparent: trace)
                if let removed { return removed }
                guard target.isVisible(to: user) else { throw Problem(.targetNotFound) }
                return LikeState(isLiked: false, count: target.count, version: target.version)
            }
        }
        return state.response
    }

    private func show(_ type: LikeTarget, _ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let user = token.userID
        let state = try await arrival.expect(id, at: clock.now, request) {
            try await database.read { connection in
                guard let target = try connection.target(type, id) else { throw UnknownTarget() }
                guard target.isVisible(to: user) else { throw Problem(.targetNotFound) }
                let isLiked = try connection.isLiked(id, by: user)
                return LikeState(isLiked: isLiked, count: target.count, version: target.version)
            }
        }
        return try request.conditional(EntityTag("\(state.version)-\(state.isLiked)")) { state.response }
    }
}

extension LikeTarget {
    /// The part of a path that names them all.
    var collection: String {
        switch self {
        case .media: "media"
        case .comment: "comments"
        }
    }
}

extension LikeState {
    /// Written by hand: one for every like.
    fileprivate var response: Response {
        var object = FlatJSON(capacity: 64)
        object.add("count", count)
        object.add("liked", isLiked)
        object.add("version", version)
        return Response(.ok, [.contentType: "application/json"], body: .bytes(object.finish()))
    }
}
