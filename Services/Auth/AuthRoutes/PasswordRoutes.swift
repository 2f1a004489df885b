import HTTPCore
import HTTPTransport
import ServiceKit

/// A password that is set anew by mail: `POST /v1/auth/password/forgot` and `/v1/auth/password/reset`.
struct PasswordRoutes: Sendable {
    let recovery: PasswordRecovery
    /// Makes the mails that were asked for.
    let work: DueWork

    func add(to router: inout Router) {
        router.post("/v1/auth/password/forgot", forget)
        router.post("/v1/auth/password/reset", reset)
    }

    private struct ForgotBody: Decodable {
        var email: String
    }

    /// 202 in any case.
    @Sendable private func forget(_ request: Request) async throws -> Response {
        let body = try await request.json(ForgotBody.self)
        try await recovery.request(email: body.email, client: Client(request))
        work.wake()
        return Response(.accepted, [.cacheControl: "no-store"])
    }

    private struct ResetBody: Decodable {
        var token: String
        var newPassword: String

        enum CodingKeys: String, CodingKey {
            case newPassword = "new_password"
            case token
        }
    }

    @Sendable private func reset(_ request: Request) async throws -> Response {
        let body = try await request.json(ResetBody.self)
        try await recovery.set(token: body.token, password: body.newPassword, client: Client(request))
        return .noContent
    }
}
