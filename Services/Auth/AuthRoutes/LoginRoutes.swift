import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import ServiceKit
import System
import Telemetry

/// `POST /v1/auth/login`, `/v1/auth/mfa/login` and `/v1/auth/token`.
struct LoginRoutes: Sendable {
    private static let fields: HTTPFields = [.cacheControl: "no-store", .contentType: "application/json"]

    let login: Login
    let factor: SecondFactor
    let store: AuthStore
    let issuer: TokenIssuer

    func add(to router: inout Router) {
        router.post("/v1/auth/login", logIn)
        router.post("/v1/auth/mfa/login", completeLogIn)
        router.post("/v1/auth/token", refresh)
    }

    private struct LoginBody: Decodable {
        var email: String
        var password: String
    }

    @Sendable private func logIn(_ request: Request) async throws -> Response {
        let body = try await request.json(LoginBody.self)
        let attempt = Login.Attempt(
            email: body.email,
            password: body.password,
            address: request.clientAddress.limitKey,
            cookies: request.headerFields[.cookie]
        )
        let (result, account) = try await login.begin(attempt, client: Client(request))
        switch result {
        case .session(let session): return try begun(session, account: account, request)
        case .secondFactor(let token):
            return try .json(Question(mfaToken: token), [.cacheControl: "no-store"])
        }
    }

    /// The answer to a right password that is not enough.
    private struct Question: Encodable {
        var mfaRequired = true
        var mfaToken: String
        var expiresIn = LoginChallenge.lifeSeconds

        enum CodingKeys: String, CodingKey {
            case mfaRequired = "mfa_required"
            case mfaToken = "mfa_token"
            case expiresIn = "expires_in"
        }
    }

    private struct ProofBody: Decodable {
        var mfaToken: String
        var code: String?
        var recoveryCode: String?

        enum CodingKeys: String, CodingKey {
            case mfaToken = "mfa_token"
            case recoveryCode = "recovery_code"
            case code
        }

        func proof() throws(Problem) -> SecondFactor.Proof {
            switch (code, recoveryCode) {
            case (let code?, nil): return .code(code)
            case (nil, let code?): return .recoveryCode(code)
            default: throw .invalid("/code", "either this or a recovery_code")
            }
        }
    }

    @Sendable private func completeLogIn(_ request: Request) async throws -> Response {
        let body = try await request.json(ProofBody.self)
        let address = "address:" + request.clientAddress.limitKey
        let (session, account) = try await factor.logIn(
            body.mfaToken,
            body.proof(),
            address: address,
            client: Client(request)
        )
        return try begun(session, account: account, request)
    }

    /// The tokens of a session that has begun; the device is known from now on.
    private func begun(_ session: Session, account: String, _ request: Request) throws -> Response {
        let now = store.clock.now
        let key = login.secrets.devices
        var fields = Self.fields
        if DeviceCookie(request.headerFields[.cookie], account: account, key: key, at: now) == nil {
            let cookie = DeviceCookie(account: account, key: key, at: now)
            fields[.setCookie] = cookie.field(isSecure: request.isSecure)
        }
        return Response(.ok, fields, body: .bytes(try issuer.tokens(for: session, at: session.createdAt).json()))
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
