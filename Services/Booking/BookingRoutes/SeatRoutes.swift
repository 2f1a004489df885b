import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// The seats of a showtime: as they are, live, and audited from the log.
struct SeatRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let feed: LiveFeed<Identifier>
    let audit: SeatAudit

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.get("/v1/showtimes/:id/seats", seats)
        router.get("/v1/showtimes/:id/stream", stream)
        router.get("/v1/admin/showtimes/:id/audit", tokens.role(.admin, handler: audit))
    }

    @Sendable private func seats(_ request: Request) async throws -> Response {
        let id = try request.identifier("id")
        let now = clock.now
        let (tag, views) = try await database.read { connection in
            guard let showtime = try connection.showtime(id), let hall = try connection.hall(showtime.hallID) else {
                throw Problem(.notFound)
            }
            let holds = Dictionary(try connection.holds(of: id).map { ($0.seat, $0) }) { first, _ in first }
            let views = hall.seats.map { SeatView($0, hold: holds[$0.name], showtime: showtime, now: now) }
            // A lock that has ended is shown as available even before its row goes, which is another state of the seats.
            let ended = holds.values.count { $0.isExpired(at: now) }
            return ("\(try connection.seatsVersion(of: id))-\(ended)", views)
        }
        return try request.conditional(EntityTag(tag)) { try .json(Page(items: views, nextCursor: nil)) }
    }

    @Sendable private func stream(_ request: Request) async throws -> Response {
        let id = try request.identifier("id")
        guard try await database.read({ try $0.showtime(id) }) != nil else { throw Problem(.notFound) }
        return feed.response(to: request, key: id)
    }

    @Sendable private func audit(_ request: Request, _ admin: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        guard try await database.read({ try $0.showtime(id) }) != nil else { throw Problem(.notFound) }
        guard let ledger = try await audit.replay(id, on: request.loop) else {
            throw Problem(.unavailable, "the log cannot be read now", retryAfter: 5)
        }
        return try .json(AuditView(id, ledger))
    }
}
