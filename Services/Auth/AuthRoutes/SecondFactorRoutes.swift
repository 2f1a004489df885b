import Contracts
import HTTPCore
import HTTPTransport
import Security
import ServiceKit

/// One's second factor: `/v1/auth/mfa/totp`, and what admins do about lost ones.
struct SecondFactorRoutes: Sendable {
    let factor: SecondFactor
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.get("/v1/auth/mfa/totp", tokens.user(show))
        router.post("/v1/auth/mfa/totp", tokens.user(enrol))
        router.delete("/v1/auth/mfa/totp", tokens.user(remove))
        router.post("/v1/auth/mfa/totp/verify", tokens.user(verify))
        router.delete("/v1/admin/users/:id/mfa/totp", tokens.role(.admin, handler: removeLost))
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        try .json(await factor.status(of: token.userID))
    }

    @Sendable private func enrol(_ request: Request, _ token: AccessToken) async throws -> Response {
        try .json(await factor.enrol(token.userID), [.cacheControl: "no-store"])
    }

    @Sendable private func remove(_ request: Request, _ token: AccessToken) async throws -> Response {
        try await factor.remove(token, client: Client(request))
        return .noContent
    }

    @Sendable private func removeLost(_ request: Request, _ token: AccessToken) async throws -> Response {
        try await factor.remove(of: try request.identifier("id"), by: token, client: Client(request))
        return .noContent
    }

    private struct Body: Decodable {
        var code: String
    }

    private struct Answer: Encodable {
        var recoveryCodes: [String]

        enum CodingKeys: String, CodingKey {
            case recoveryCodes = "recovery_codes"
        }
    }

    @Sendable private func verify(_ request: Request, _ token: AccessToken) async throws -> Response {
        let body = try await request.json(Body.self)
        let codes = try await factor.confirm(body.code, token, client: Client(request))
        return try .json(Answer(recoveryCodes: codes), [.cacheControl: "no-store"])
    }
}
