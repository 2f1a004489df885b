import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// How a person wants to be told, over HTTP; and the end of mails by a link, without a session.
struct PreferenceRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let zones: TimeZones
    let unsubscribing: UnsubscribeTokens

    func add(to router: inout Router) {
        router.get("/v1/notifications/preferences", tokens.user(show))
        router.put("/v1/notifications/preferences", tokens.user(replace))
        router.post("/v1/notifications/unsubscribe", unsubscribe)
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        let kept = try await database.read { try NotificationStore.preferences(of: user, $0) }
        return try request.conditional(kept.tag()) { try .json(kept) }
    }

    @Sendable private func replace(_ request: Request, _ token: AccessToken) async throws -> Response {
        let wanted = try await request.json(Preferences.self)
        let (user, zones) = (token.userID, zones)
        // What If-Match names is compared here; in the write, whether it is still so.
        var replaced: EntityTag?
        if request.headerFields.contains(.ifMatch) {
            let present = try await database.read { try NotificationStore.preferences(of: user, $0).tag() }
            try request.requireMatch(present)
            replaced = present
        }
        let expected = replaced
        try await database.write { transaction in
            // Zones are files: read on the store's thread, not on the loop.
            try wanted.check(zones)
            if let expected, try NotificationStore.preferences(of: user, transaction.connection).tag() != expected {
                throw Problem(.preconditionFailed)
            }
            try NotificationStore.save(wanted, of: user, transaction)
        }
        var response = try Response.json(wanted)
        response.headerFields[.eTag] = try wanted.tag().description
        return response
    }

    /// One click in a mail program (RFC 8058): a POST whose body says nothing more. A repeat changes nothing.
    @Sendable private func unsubscribe(_ request: Request) async throws -> Response {
        guard let text = try request.query("token"), let (user, type) = unsubscribing.read(text) else {
            throw Problem.invalid("token", "the token of a mail's link")
        }
        try await database.write { transaction in
            var preferences = try NotificationStore.preferences(of: user, transaction.connection)
            preferences.endMails(of: type)
            try NotificationStore.save(preferences, of: user, transaction)
        }
        return .noContent
    }
}

extension Preferences {
    /// The version of preferences.
    func tag() throws -> EntityTag {
        EntityTag(String(Hexadecimal.encode(HashFunction.sha256.digest(try bytes())).prefix(16)))
    }

    /// Throws what is wrong, by its place in the body.
    func check(_ zones: TimeZones) throws(Problem) {
        guard types.count <= Self.maximumTypes else {
            throw .invalid("/types", "at most \(Self.maximumTypes) types")
        }
        for (type, channels) in types.sorted(by: { $0.key < $1.key }) {
            guard Template.isType(type) else { throw .invalid("/types/\(type)", "no type or group of types") }
            for channel in channels.keys.sorted() where Channel(rawValue: channel) == nil {
                throw .invalid("/types/\(type)/\(channel)", "no channel")
            }
        }
        guard zones.rules(timeZone) != nil else { throw .invalid("/time_zone", "an IANA time zone") }
        if let quietHours, !quietHours.isValid {
            throw .invalid("/quiet_hours", "start and end as HH:MM, not the same")
        }
    }
}

extension Template {
    /// Whether a word is a notification's type, or what some types begin with before the point.
    static func isType(_ word: String) -> Bool {
        all[word] != nil || all.keys.contains { $0.hasPrefix("\(word).") }
    }
}
