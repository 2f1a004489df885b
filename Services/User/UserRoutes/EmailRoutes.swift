import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// One's own address: its proof and its change.
extension UserRoutes {
    /// Characters of a secret; longer ones are not looked at.
    static let maximumSecret = 128

    func showEmail(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = try await account(of: token)
        let now = accounts.clock.now
        let waiting = try await accounts.database.read { connection in try connection.confirmation(of: user.id, at: now)
        }
        return try .json(EmailDocument(user, waiting), [.cacheControl: "no-store"])
    }

    private struct ChangeBody: Decodable {
        let email: String
        let currentPassword: String

        enum CodingKeys: String, CodingKey {
            case email
            case currentPassword = "current_password"
        }
    }

    func changeEmail(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (bytes, body) = try await request.readBody(ChangeBody.self)
        let email = try checked(EmailAddress(body.email), "/email", MemberRule.email)
        let (id, now) = (token.userID, accounts.clock.now)
        try await Self.explainingPassword { _ = try await accounts.prove(id, password: body.currentPassword) }
        return try await once(request, scope: id.description, bytes) { [confirmations] transaction in
            let waiting = try confirmations.requestChange(of: id, to: email, at: now, transaction)
            return try PendingEmailDocument.answer(waiting)
        }
    }

    func cancelEmailChange(_ request: Request, _ token: AccessToken) async throws -> Response {
        try await confirmations.cancel(of: token.userID)
        return .noContent
    }

    func repeatVerification(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, now) = (token.userID, accounts.clock.now)
        return try await once(request, scope: id.description, []) { [confirmations] transaction in
            try PendingEmailDocument.answer(confirmations.repeatMail(of: id, at: now, transaction))
        }
    }

    private struct SecretBody: Decodable {
        let token: String
    }

    func verifyEmail(_ request: Request) async throws -> Response {
        let (bytes, body) = try await request.readBody(SecretBody.self)
        let secret = body.token
        guard secret.utf8.count <= Self.maximumSecret else { throw Problem(.invalidLink) }
        let (now, traceparent) = (accounts.clock.now, Accounts.traceparent)
        let scope = Hexadecimal.encode(EmailConfirmation.digest(of: secret))
        return try await once(request, scope: scope, bytes) { [confirmations] transaction in
            try confirmations.confirm(secret, at: now, traceparent: traceparent, transaction)
            return StoredResponse(status: 204, headers: [], body: [])
        }
    }
}

/// One's address, and the one that shall follow it.
struct EmailDocument: Encodable, Sendable {
    let email: String
    let verified: Bool
    let pending: PendingEmailDocument?

    init(_ user: User, _ waiting: EmailConfirmation?) {
        email = user.email.text
        verified = user.emailVerifiedAt != nil
        pending = waiting.map(PendingEmailDocument.init)
    }

    enum CodingKeys: CodingKey {
        case email, verified, pending
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(email, forKey: .email)
        try values.encode(verified, forKey: .verified)
        try values.encode(pending, forKey: .pending)
    }
}

/// An address that a mail went to.
struct PendingEmailDocument: Encodable, Sendable {
    let email: String
    let expiresAt: Timestamp

    init(_ waiting: EmailConfirmation) {
        email = waiting.email.text
        expiresAt = waiting.expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case email
        case expiresAt = "expires_at"
    }

    static func answer(_ waiting: EmailConfirmation) throws -> StoredResponse {
        let location = OutboxHeader("Location", text: "/v1/users/me/email")
        return try .json(PendingEmailDocument(waiting), status: 202, headers: [location])
    }
}
