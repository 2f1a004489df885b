import KafkaProtocol
import Telemetry

/// SaslHandshake and SaslAuthenticate (KIP-43, KIP-152).
extension RequestHandler {
    func saslHandshake(_ call: Call, _ request: SaslHandshakeRequest) -> SaslHandshakeResponse {
        var response = SaslHandshakeResponse(mechanisms: SASLExchange.mechanisms)
        guard let exchange = SASLExchange(request.mechanism, credentials: core.credentials) else {
            response.errorCode = ErrorCode.unsupportedSASLMechanism.rawValue
            return response
        }
        session.exchange = exchange
        session.usesBareTokens = call.header.apiVersion == 0
        return response
    }

    func saslAuthenticate(_ request: SaslAuthenticateRequest) -> SaslAuthenticateResponse {
        guard let step = advance(request.authBytes) else {
            return SaslAuthenticateResponse(
                errorCode: ErrorCode.illegalSASLState.rawValue,
                errorMessage: "SaslHandshake comes first"
            )
        }
        switch step {
        case .challenge(let bytes): return SaslAuthenticateResponse(authBytes: bytes)
        case .authenticated(_, let bytes):
            let lifetime = core.configuration.sessionLifetimeMilliseconds ?? 0
            return SaslAuthenticateResponse(authBytes: bytes, sessionLifetimeMs: lifetime)
        case .failed:
            return SaslAuthenticateResponse(
                errorCode: ErrorCode.saslAuthenticationFailed.rawValue,
                errorMessage: "Authentication failed: wrong user or password"
            )
        }
    }

    /// A token in a frame of its own; a failure closes the connection, there is no place for an error code.
    func bareToken(_ token: [UInt8]) throws -> PendingResponse {
        switch advance(token) {
        case .challenge(let bytes)?, .authenticated(_, let bytes)?:
            var writer = WireWriter()
            writer.int32(Int32(truncatingIfNeeded: bytes.count))
            writer.raw(bytes)
            let slices = writer.slices
            return { slices }
        case .failed?, nil: throw RequestError.notAuthenticated
        }
    }

    private func advance(_ token: [UInt8]) -> SASLExchange.Step? {
        guard var exchange = session.exchange else { return nil }
        var step = exchange.respond(to: token)
        session.exchange = exchange
        // Who authenticates again has to be who it was (KIP-368).
        if case .authenticated(let principal, _) = step, let before = session.loggedIn, principal != before {
            step = .failed
        }
        switch step {
        case .challenge: break
        case .authenticated(let principal, _):
            session.logIn(principal, lifetime: core.configuration.sessionLifetimeMilliseconds)
        case .failed:
            session.logOut()
            core.metrics.failedAuthentications.increment()
            core.logger.warning("authentication failed", metadata: ["client": .string(session.clientHost)])
        }
        return step
    }
}
