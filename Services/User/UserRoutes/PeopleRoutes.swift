import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

// Other people: profiles, blocks and mutes.
extension UserRoutes {
    func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let user = try await accounts.database.read { connection in try connection.user(id) }
        guard let user else { throw Problem(.notFound) }
        let sees = token.hasRole(Role.admin.rawValue) || token.userID == id
        return try request.conditional(user.tag) {
            try sees ? .json(UserDocument(user)) : .json(PublicUserDocument(user))
        }
    }

    func list(_ kind: Relation, _ request: Request, _ token: AccessToken) async throws -> Response {
        let page = try PageRequest(request.query(), filter: kind.rawValue)
        let after = page.after?.first.flatMap { Identifier($0) }
        let entries = try await accounts.database.read { connection in
            try connection.targets(of: token.userID, kind, after: after, limit: page.limit + 1)
        }
        let documents = page.page(entries.map(RelationDocument.init)) { [$0.userID.description] }
        return try .page(documents, of: request)
    }

    func add(_ kind: Relation, _ request: Request, _ token: AccessToken) async throws -> Response {
        try await accounts.add(kind, of: token.userID, to: request.identifier("id"))
        return .noContent
    }

    func remove(_ kind: Relation, _ request: Request, _ token: AccessToken) async throws -> Response {
        try await accounts.remove(kind, of: token.userID, to: request.identifier("id"))
        return .noContent
    }
}
