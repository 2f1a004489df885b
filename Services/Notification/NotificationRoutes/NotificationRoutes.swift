import Contracts
import EventBus
import FoundationEssentials
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// The in-app inbox over HTTP. A person sees their own; another's does not exist.
struct NotificationRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock

    func add(to router: inout Router) {
        router.get("/v1/notifications", tokens.user(list))
        router.get("/v1/notifications/unread-count", tokens.user(unreadCount))
        router.post("/v1/notifications/read-all", tokens.user(readAll))
        router.post("/v1/notifications/seen-all", tokens.user(seeAll))
        router.get("/v1/notifications/:id/explain", tokens.user(explain))
        router.patch("/v1/notifications/:id", tokens.user(mark))
    }

    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let query = try request.query()
        let (unreadOnly, archived) = (try Self.flag("unread", query), try Self.flag("archived", query))
        let user = token.userID
        let page = try PageRequest(query, filter: "notifications \(user) \(unreadOnly) \(archived)")
        let before = page.after?.first.flatMap { Int64($0) } ?? .max
        let found = try await database.read {
            try NotificationStore.list(
                of: user,
                unreadOnly: unreadOnly,
                archived: archived,
                before: before,
                limit: page.limit + 1,
                $0
            )
        }
        // The number is no member of the answer: pages are cut before the entries become their outer form.
        let entries = page.page(found.map(InboxEntry.init)) { [String($0.number)] }
        return try .page(entries, of: request)
    }

    private static func flag(_ name: String, _ query: QueryItems) throws(Problem) -> Bool {
        switch query.items.first(where: { $0.name == name })?.value {
        case nil, "false": false
        case "true": true
        default: throw Problem.invalid(name, "true or false")
        }
    }

    @Sendable private func unreadCount(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        return try .json(
            try await database.read { connection in
                [
                    "unread_count": try NotificationStore.unreadCount(of: user, connection),
                    "unseen_count": try NotificationStore.unseenCount(of: user, connection),
                ]
            }
        )
    }

    /// The inbox was looked at: what is there is not new any more, though it may be unread.
    @Sendable private func seeAll(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        try await database.write { try NotificationStore.markAllSeen(by: user, $0) }
        return .noContent
    }

    @Sendable private func readAll(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (user, now) = (token.userID, clock.now)
        try await database.write { try NotificationStore.markAllRead(of: user, at: now, $0) }
        return .noContent
    }

    /// What is put aside has been read: it is not counted, and marked as unread it comes back.
    private struct Mark: Decodable, Sendable {
        let read: Bool?
        let archived: Bool?

        private enum CodingKeys: CodingKey { case read, archived }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            read = try values.decodeUnlessMissing(Bool.self, forKey: .read)
            archived = try values.decodeUnlessMissing(Bool.self, forKey: .archived)
        }

        /// Throws 422 for what says nothing or cannot be.
        func check() throws(Problem) {
            guard read != nil || archived != nil else { throw .invalid("/read", "read or archived", code: "required") }
            guard read != false || archived != true else {
                throw .invalid("/archived", "what is unread is not put aside")
            }
        }

        func isRead(_ old: Notification) -> Bool { read ?? (archived == true || old.readAt != nil) }

        func isArchived(_ old: Notification) -> Bool { archived ?? (isRead(old) && old.archivedAt != nil) }
    }

    @Sendable private func mark(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let mark = try await request.json(Mark.self)
        try mark.check()
        let (user, now) = (token.userID, clock.now)
        let trace = request.traceContext?.traceparent
        let marked = try await database.write { transaction -> Notification? in
            guard let old = try NotificationStore.find(id, of: user, transaction.connection) else { return nil }
            let (isRead, isArchived) = (mark.isRead(old), mark.isArchived(old))
            guard isRead != (old.readAt != nil) || isArchived != (old.archivedAt != nil) else { return old }
            if isRead, old.readAt == nil { try transaction.publish(Self.readEvent(old, at: now, traceparent: trace)) }
            return try NotificationStore.mark(
                id,
                of: user,
                readAt: isRead ? old.readAt ?? now : nil,
                archivedAt: isArchived ? old.archivedAt ?? now : nil,
                transaction
            )
        }
        guard let marked else { throw Problem(.notFound) }
        return try .json(InboxEntry(marked))
    }

    private struct Explanation: Encodable, Sendable {
        let id: Identifier
        let type: String
        let event: DeliveryPlan.Cause?
        let channels: [DeliveryPlan.Decision]
        let deliveries: [DeliveryReport]
    }

    /// Why it was told, what was decided about each channel and by which rule, and what became of it there.
    @Sendable private func explain(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let user = token.userID
        let found = try await database.read { connection in
            try NotificationStore.find(id, of: user, connection).map { entry in
                (entry, try NotificationStore.explanation(of: id, connection))
            }
        }
        guard let (entry, deliveries) = found else { throw Problem(.notFound) }
        // What was told before plans were kept has none.
        let plan = try entry.plan.map { try JSONDecoder().decode(DeliveryPlan.self, from: Data($0.utf8)) }
        return try .json(
            Explanation(
                id: id,
                type: entry.type,
                event: plan?.cause,
                channels: plan?.decisions ?? [],
                deliveries: deliveries
            )
        )
    }
}
