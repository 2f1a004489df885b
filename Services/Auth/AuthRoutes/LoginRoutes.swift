import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import ServiceKit
import System
import Telemetry

/// `POST /v1/auth/login` and `/v1/auth/token`.
struct LoginRoutes: Sendable {
    private static let fields: HTTPFields = [.cacheControl: "no-store", .contentType: "application/json"]

    let login: Login
    let store: AuthStore
    let issuer: TokenIssuer

    func add(to router: inout Router) {
        router.post("/v1/auth/login", logIn)
        router.post("/v1/auth/token", refresh)
    }

    private struct LoginBody: Decodable {
        var email: String
        var password: String
    }

    @Sendable private func logIn(_ request: Request) async throws -> Response {
        let body = try await request.json(LoginBody.self)
        let answer = try await login.begin(
            email: body.email,
            password: body.password,
            address: request.clientAddress.limitKey,
            client: Client(request)
        )
        return Response(.ok, Self.fields, body: .bytes(answer.json()))
    }

    private struct RefreshBody: FlatBody {
        var refreshToken: String

        init?(flat object: FlatJSONReader) {
            guard object.count == 1, let token = object.text("refresh_token") else { return nil }
            refreshToken = token
        }

        enum CodingKeys: String, CodingKey {
            case refreshToken = "refresh_token"
        }
    }

    @Sendable private func refresh(_ request: Request) async throws -> Response {
        let body = try await request.json(RefreshBody.self)
        guard let token = RefreshToken(body.refreshToken) else { throw Problem(.invalidRefreshToken) }
        let session = try await store.refresh(token, secret: issuer.secret, client: Client(request))
        let answer = try issuer.tokens(for: session, at: store.clock.now)
        return Response(.ok, Self.fields, body: .bytes(answer.json()))
    }
}

extension Client {
    /// What a request tells of its client.
    init(_ request: Request) {
        self.init(
            addressPrefix: request.clientAddress.prefix,
            userAgent: String((request.headerFields[.userAgent] ?? "").prefix(Self.userAgentLimit)),
            traceparent: request.traceContext?.traceparent
        )
    }
}
