import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// Items: looked at, changed, deleted, and followed while they are processed. A private item, and one that is not ready, does
/// not exist for others.
struct MediaRoutes: Sendable {
    /// How long at most somebody follows what is no longer to be seen.
    private static let recheck = Duration.seconds(5)

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let signer: AddressSigner
    let feed: LiveFeed<Identifier>
    /// Woken when blobs may have become unused.
    let collector: DueWork

    func add(to router: inout Router) {
        router.get("/v1/media", tokens.optionalUser(list))
        router.get("/v1/media/:id", tokens.optionalUser(show))
        router.patch("/v1/media/:id", tokens.user(change))
        router.delete("/v1/media/:id", tokens.user(delete))
        router.get("/v1/media/:id/events", tokens.optionalUser(follow))
    }

    /// The version of an item.
    static func tag(of media: Media) -> EntityTag { EntityTag("\(media.version)") }

    @Sendable private func list(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let query = try request.query()
        let owner: Identifier
        if let text = query.items.first(where: { $0.name == "owner_id" })?.value {
            guard let id = Identifier(text) else { throw Problem.invalid("owner_id", "a user's id") }
            owner = id
        } else {
            guard let token else { throw Problem(.unauthenticated) }
            owner = token.userID
        }
        let isOwner = owner == token?.userID
        let page = try PageRequest(query, filter: "media \(owner) \(isOwner)")
        let before = page.after?.first.flatMap { Identifier($0) }
        let found = try await database.read {
            try $0.media(of: owner, onlyPublic: !isOwner, before: before, limit: page.limit + 1)
        }
        let now = clock.now
        let views = found.map { MediaView($0, isOwner: isOwner, signer: signer, at: now) }
        return try .page(page.page(views) { [$0.id.description] }, of: request)
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let media = try await database.visibleMedia(try request.identifier("id"), to: token)
        return try request.conditional(Self.tag(of: media)) { try .json(view(media, token)) }
    }

    private func view(_ media: Media, _ token: AccessToken?) -> MediaView {
        MediaView(media, isOwner: media.ownerID == token?.userID, signer: signer, at: clock.now)
    }

    @Sendable private func change(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let patch = try await request.json(MediaPatch.self)
        let (now, trace) = (clock.now, request.traceContext?.traceparent)
        let old = try await database.ownMedia(id, of: token.userID)
        try request.requireMatch(Self.tag(of: old))
        let changed = try await database.write { transaction in
            guard var media = try transaction.connection.media(id) else { throw Problem(.notFound) }
            guard media.version == old.version else { throw Problem(.preconditionFailed) }
            try patch.apply(to: &media)
            try transaction.change(old, to: media, at: now, traceparent: trace)
            return media
        }
        return try .json(view(changed, token), [.eTag: Self.tag(of: changed).description])
    }

    @Sendable private func delete(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (now, trace) = (clock.now, request.traceContext?.traceparent)
        let old = try await database.ownMedia(id, of: token.userID)
        if request.headerFields.contains(.ifMatch) { try request.requireMatch(Self.tag(of: old)) }
        try await database.write { transaction in
            guard let media = try transaction.connection.media(id) else { throw Problem(.notFound) }
            try transaction.delete(media, at: now, traceparent: trace)
        }
        collector.wake()
        return .noContent
    }

    /// What followers see of an event: what the file is called is its owner's alone.
    static func shown(_ event: Event) -> String? {
        guard event.type == MediaUploaded.type else { return event.value.map { String(decoding: $0, as: UTF8.self) } }
        do {
            var uploaded = try event.decode(MediaUploaded.self)
            uploaded.fileName = nil
            return String(decoding: try uploaded.json(), as: UTF8.self)
        } catch {
            return nil  // What cannot be read is no news either.
        }
    }

    /// The state now, then what happens to the item: the names of its events, by their place in the log.
    @Sendable private func follow(_ request: Request, _ token: AccessToken?) async throws -> Response {
        let id = try request.identifier("id")
        _ = try await database.visibleMedia(id, to: token)
        let (database, routes, loop) = (database, self, request.loop)
        return feed.response(
            to: request,
            key: id,
            beside: { stream in
                let media = try await database.visibleMedia(id, to: token)
                stream.send(ServerSentEvent(event: "state", data: try routes.view(media, token).json()))
                // The stream lasts for as long as this does: until the item is gone, or no longer to be seen.
                while true {
                    do {
                        try await loop.wait(for: Waiter<Void>(), until: .after(Self.recheck))
                    } catch is DeadlineExceeded {
                        _ = try await database.visibleMedia(id, to: token)
                    }
                }
            },
            whileGood: token,
            in: tokens.revocations
        )
    }
}

/// What an owner may change: JSON merge patch (RFC 7396).
struct MediaPatch: Decodable, Sendable {
    private let visibility: MediaVisibility?
    private let title: String??

    enum CodingKeys: String, CodingKey {
        case visibility, title
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        visibility =
            members.contains(.visibility) ? try members.decode(MediaVisibility.self, forKey: .visibility) : nil
        if members.contains(.title) {
            title = try members.decodeNil(forKey: .title) ? .some(nil) : try members.decode(String.self, forKey: .title)
        } else {
            title = nil
        }
    }

    func apply(to media: inout Media) throws(Problem) {
        if let visibility { media.visibility = visibility }
        if let title {
            media.title = title.flatMap { UploadDetails.cleaned(text: $0) }
            guard (title ?? "").unicodeScalars.count <= UploadDetails.maximumTextLength else {
                throw .invalid("/title", "at most \(UploadDetails.maximumTextLength) characters")
            }
        }
        media.version += 1
    }
}

extension Database {
    /// An item that one may see, as its owner or because it is public and ready; else 404.
    func visibleMedia(_ id: Identifier, to token: AccessToken?) async throws -> Media {
        guard let media = try await read({ try $0.media(id) }), media.isPublic || media.ownerID == token?.userID else {
            throw Problem(.notFound)
        }
        return media
    }

    /// An item of one's own; else 404.
    func ownMedia(_ id: Identifier, of owner: Identifier) async throws -> Media {
        guard let media = try await read({ try $0.media(id) }), media.ownerID == owner else { throw Problem(.notFound) }
        return media
    }
}
