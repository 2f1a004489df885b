import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// Others' accounts, for admins.
extension UserRoutes {
    /// Characters a reason may have.
    static let maximumReason = 500

    func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(request.query())
        let after = page.after?.first.flatMap { Identifier($0) }
        let users = try await accounts.database.read { connection in
            try connection.users(after: after, limit: page.limit + 1)
        }
        return try .page(page.page(users.map(UserDocument.init)) { [$0.id.description] }, of: request)
    }

    private struct RoleBody: Decodable {
        let role: Role
    }

    func setRole(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let body = try await request.json(RoleBody.self)
        return try answer(try await accounts.setRole(of: id, to: body.role))
    }

    private struct BanBody: Decodable {
        let reason: String?
    }

    func ban(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let reason = bytes.isEmpty ? nil : try JSONBody.decode(BanBody.self, from: bytes).reason
        guard (reason ?? "").count <= Self.maximumReason else {
            throw Problem.invalid("/reason", "at most \(Self.maximumReason) characters")
        }
        return try answer(try await accounts.ban(id, reason: reason ?? ""))
    }

    func unban(_ request: Request, _ token: AccessToken) async throws -> Response {
        try answer(try await accounts.unban(request.identifier("id")))
    }

    private func answer(_ user: User) throws -> Response {
        try .json(UserDocument(user), [.eTag: user.tag.description])
    }
}
