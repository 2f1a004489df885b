import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// One's own account.
extension UserRoutes {
    private struct RegistrationBody: Decodable {
        let email: String
        let password: String
        let displayName: String
        let handle: String?
        let locale: String?

        enum CodingKeys: String, CodingKey {
            case email, password, handle, locale
            case displayName = "display_name"
        }

        func registration() throws -> Accounts.Registration {
            Accounts.Registration(
                email: try checked(EmailAddress(email), "/email", MemberRule.email),
                password: .password(password),
                displayName: try checked(DisplayName(displayName), "/display_name", MemberRule.displayName),
                handle: try handle.map { try checked(Handle($0), "/handle", MemberRule.handle) },
                locale: try locale.map { try checked(Locale(rawValue: $0), "/locale", MemberRule.locale) } ?? .standard
            )
        }
    }

    func register(_ request: Request) async throws -> Response {
        let (bytes, body) = try await request.readBody(RegistrationBody.self)
        let prepared = try await accounts.prepare(body.registration())
        let (now, traceparent) = (accounts.clock.now, Accounts.traceparent)
        // A stranger's key holds for the address they sign up with.
        let scope = prepared.registration.email.text
        let secret = accounts.secret
        return try await once(request, scope: scope, bytes) { [confirmations] transaction in
            let user = try transaction.register(prepared, at: now, secret: secret, traceparent: traceparent)
            try confirmations.begin(for: user, at: now, transaction)
            return try Self.created(user)
        }
    }

    func showMe(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = try await account(of: token)
        return try request.conditional(user.tag) { try .json(UserDocument(user)) }
    }

    private struct ProfilePatch: Decodable {
        let displayName: String?
        let handle: String?
        let locale: String?

        enum CodingKeys: String, CodingKey {
            case handle, locale
            case displayName = "display_name"
        }

        func change() throws -> ProfileChange {
            ProfileChange(
                handle: try handle.map { try checked(Handle($0), "/handle", MemberRule.handle) },
                displayName: try displayName.map {
                    try checked(DisplayName($0), "/display_name", MemberRule.displayName)
                },
                locale: try locale.map { try checked(Locale(rawValue: $0), "/locale", MemberRule.locale) }
            )
        }
    }

    func changeMe(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = try await account(of: token)
        try request.requireMatch(user.tag)
        let change = try await request.json(ProfilePatch.self).change()
        let changed = try await accounts.change(user.id, change) { $0 == user.version }
        return try .json(UserDocument(changed), [.eTag: changed.tag.description])
    }

    func deleteMe(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (erasure, receipt) = try await accounts.delete(token.userID)
        let answer = ["erasure_id": erasure.id.description, "receipt_token": receipt]
        return try .json(answer, status: .accepted, [.location: "/v1/erasures/\(erasure.id)"])
    }

    func showErasure(_ request: Request) async throws -> Response {
        let id = try request.identifier("id")
        guard let token = try request.query("receipt_token") else { throw Problem(.notFound) }
        let erasure = try await accounts.database.read { connection in try connection.erasure(id, token: token) }
        guard let erasure else { throw Problem(.notFound) }
        return try .json(ErasureDocument(erasure), [.cacheControl: "no-store"])
    }

    private struct PasswordBody: Decodable {
        let currentPassword: String
        let newPassword: String

        enum CodingKeys: String, CodingKey {
            case currentPassword = "current_password"
            case newPassword = "new_password"
        }
    }

    func changePassword(_ request: Request, _ token: AccessToken) async throws -> Response {
        let body = try await request.json(PasswordBody.self)
        try await Self.explainingPassword {
            try await accounts.changePassword(of: token.userID, from: body.currentPassword, to: body.newPassword)
        }
        return .noContent
    }

    /// Names the member of a body that holds a wrong password.
    static func explainingPassword<Value>(_ call: () async throws -> Value) async throws -> Value {
        do {
            return try await call()
        } catch UserError.invalidCredentials(of: _) {
            throw Problem.invalid("/current_password", "this is not your password", code: "invalid_credentials")
        }
    }
}
