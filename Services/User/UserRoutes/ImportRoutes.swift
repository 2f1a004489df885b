import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// Accounts from elsewhere, for admins.
extension UserRoutes {
    private struct ImportBody: Decodable {
        let email: String
        let emailVerified: Bool?
        let passwordHash: String
        let displayName: String
        let handle: String?
        let locale: String?

        enum CodingKeys: String, CodingKey {
            case email, handle, locale
            case emailVerified = "email_verified"
            case passwordHash = "password_hash"
            case displayName = "display_name"
        }

        func registration() throws -> Accounts.Registration {
            Accounts.Registration(
                email: try checked(EmailAddress(email), "/email", MemberRule.email),
                password: .hash(passwordHash),
                displayName: try checked(DisplayName(displayName), "/display_name", MemberRule.displayName),
                handle: try handle.map { try checked(Handle($0), "/handle", MemberRule.handle) },
                locale: try locale.map { try checked(Locale(rawValue: $0), "/locale", MemberRule.locale) } ?? .standard,
                isVerified: emailVerified ?? false
            )
        }
    }

    /// Makes an account whose password another program has hashed: its owner logs in as before, and is hashed anew by that.
    func importUser(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (bytes, body) = try await request.readBody(ImportBody.self)
        let prepared = try await accounts.prepare(body.registration())
        let (now, traceparent, secret) = (accounts.clock.now, Accounts.traceparent, accounts.secret)
        // Under the address, so that an erasure forgets the answer too.
        let scope = prepared.registration.email.text
        return try await once(request, scope: scope, bytes) { [confirmations] transaction in
            let user = try transaction.register(prepared, at: now, secret: secret, traceparent: traceparent)
            let act = AdminAct(id: .version7(at: now), adminID: token.userID, kind: .imported, detail: "")
            try transaction.insert(act, on: user.id)
            if user.emailVerifiedAt == nil { try confirmations.begin(for: user, at: now, transaction) }
            return try Self.created(user)
        }
    }

    /// What is answered for a new account.
    static func created(_ user: User) throws -> StoredResponse {
        let headers = [
            OutboxHeader("Location", text: "/v1/users/\(user.id)"), OutboxHeader("ETag", text: user.tag.description),
        ]
        return try .json(UserDocument(user), status: 201, headers: headers)
    }
}
