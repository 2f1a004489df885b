import Contracts
import EventBus
import Security
import System

/// Makes the pair of tokens that a log-in or a refresh answers with.
struct TokenIssuer: Sendable {
    /// The life of an access token.
    static let lifetimeSeconds: Int64 = 15 * 60

    let keys: KeyRing
    let secret: [UInt8]
    let issuer: String
    let audience: String

    func tokens(for session: Session, at now: Timestamp) throws -> TokenAnswer {
        let token = AccessToken(
            id: .version7(at: now),
            userID: session.userID,
            sessionID: session.id,
            roles: [session.role.rawValue],
            issuer: issuer,
            audience: audience,
            issuedAt: now,
            lifetime: Self.lifetimeSeconds
        )
        return TokenAnswer(
            accessToken: try TokenSigner(key: keys.signing(at: now)).sign(token),
            expiresIn: Self.lifetimeSeconds,
            refreshToken: RefreshToken(of: session, secret: secret).text,
            sessionID: session.id,
            userID: session.userID
        )
    }
}

/// What `POST /v1/auth/login` and `/v1/auth/token` answer.
struct TokenAnswer: Codable, Sendable {
    var accessToken: String
    var tokenType = "Bearer"
    var expiresIn: Int64
    var refreshToken: String
    var sessionID: Identifier
    var userID: Identifier

    enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case refreshToken = "refresh_token"
        case sessionID = "session_id"
        case userID = "user_id"
    }

    /// Written by hand: one for every refresh.
    func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("access_token", accessToken)
        object.add("expires_in", expiresIn)
        object.add("refresh_token", refreshToken)
        object.add("session_id", sessionID)
        object.add("token_type", tokenType)
        object.add("user_id", userID)
        return object.finish()
    }
}
