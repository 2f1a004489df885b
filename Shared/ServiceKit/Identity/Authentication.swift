public import Contracts
import HTTPCore
public import HTTPTransport
public import Security

/// Answers a request of a known user.
public typealias AuthenticatedHandler = @Sendable (Request, AccessToken) async throws -> Response

extension TokenChecker {
    /// A handler for any user with a good token: 401 otherwise.
    public func user(_ handler: @escaping AuthenticatedHandler) -> Handler {
        { request in
            let token = try await self.check(authorization: request.headerFields[.authorization])
            request[Caller.self] = token
            return try await handler(request, token)
        }
    }

    /// A handler for users with one of the roles, and for admins: 401 without a good token, 403 without the role. What is
    /// for admins alone is refused with 503 `unavailable` while revocations are unheard of (``RevocationList/isStale``).
    public func role(_ roles: Role..., handler: @escaping AuthenticatedHandler) -> Handler {
        user { request, token in
            guard token.hasRole(Role.admin.rawValue) || roles.contains(where: { token.hasRole($0.rawValue) }) else {
                throw Problem(.forbidden)
            }
            if roles == [.admin], self.revocations.isStale {
                throw Problem(.unavailable, "the broker is away, so revocations are not known", retryAfter: 5)
            }
            return try await handler(request, token)
        }
    }

    /// A handler that greets known users and strangers alike; a token that is sent must be good.
    public func optionalUser(
        _ handler: @escaping @Sendable (Request, AccessToken?) async throws -> Response
    ) -> Handler {
        { request in
            guard let field = request.headerFields[.authorization] else { return try await handler(request, nil) }
            let token = try await self.check(authorization: field)
            request[Caller.self] = token
            return try await handler(request, token)
        }
    }
}

/// The token of the request's caller, for middleware that runs after the check.
public enum Caller: RequestKey {
    /// The token.
    public typealias Value = AccessToken
}
