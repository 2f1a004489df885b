import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// The public keys, their early change, and the introspection of a token (RFC 7662).
struct KeyRoutes: Sendable {
    /// How long a key set may be cached, in seconds: less than the lead of a new key.
    private static let cacheSeconds = 300

    let keys: KeyRing
    let tokens: TokenChecker
    let store: AuthStore
    let clock: WallClock

    func add(to router: inout Router) {
        router.get("/.well-known/jwks.json") { _ in
            Response(
                .ok,
                [.contentType: "application/jwk-set+json", .cacheControl: "public, max-age=\(Self.cacheSeconds)"],
                body: .bytes(try JSONWebKeySet(keys: keys.published(at: clock.now)).json())
            )
        }
        router.post("/v1/auth/introspect", tokens.user(introspect))
        router.post("/v1/auth/keys", tokens.role(.admin, handler: changeKey))
    }

    private struct NextKey: Encodable {
        var keyID: String
        var activeFrom: Timestamp

        enum CodingKeys: String, CodingKey {
            case keyID = "kid"
            case activeFrom = "active_from"
        }
    }

    /// Makes the next key now, whatever the interval says; it is published at once and signs after the lead.
    @Sendable private func changeKey(_ request: Request, _ caller: AccessToken) async throws -> Response {
        let now = clock.now
        // On the writer's thread: files are not for an event loop.
        let next = try await store.database.write { _ in try keys.change(at: now) }
        tokens.use(keys: keys.published(at: now))
        return try .json(NextKey(keyID: next.key.verifyingKey.keyID, activeFrom: next.activeFrom), status: .created)
    }

    private struct Body: Decodable {
        var token: String
    }

    private struct Answer: Encodable {
        var active: Bool
        var sub: Identifier?
        var sid: Identifier?
        var roles: [String]?
        var exp: Int64?
        var iat: Int64?
    }

    @Sendable private func introspect(_ request: Request, _ caller: AccessToken) async throws -> Response {
        let body = try await request.json(Body.self)
        return try .json(await answer(for: body.token, to: caller, Client(request)), [.cacheControl: "no-store"])
    }

    /// Inactive is all that anybody learns of a token that is bad, or another's (unless an admin asks).
    private func answer(for text: String, to caller: AccessToken, _ client: Client) async throws -> Answer {
        guard let token = try? await tokens.check(text) else { return Answer(active: false) }
        guard token.userID == caller.userID || caller.hasRole(Role.admin.rawValue) else {
            try await store.denied(caller, "introspection_of_another", client: client)
            return Answer(active: false)
        }
        return Answer(
            active: true,
            sub: token.userID,
            sid: token.sessionID,
            roles: token.roles,
            exp: token.expiresAt.milliseconds / 1000,
            iat: token.issuedAt.milliseconds / 1000
        )
    }
}
