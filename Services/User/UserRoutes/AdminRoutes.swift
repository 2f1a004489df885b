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
    /// Characters of what is looked for.
    static let maximumSearch = EmailAddress.maximumLength

    func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let filter = try userFilter(request.query())
        let page = try PageRequest(request.query(), filter: filter.description)
        let last = try page.after.map { key -> (Identifier, String) in
            guard key.count == 2, let id = Identifier(key[0]) else { throw Problem(.invalidCursor) }
            return (id, key[1])
        }
        let users = try await accounts.database.read { connection in
            try connection.users(filter, after: last, limit: page.limit + 1)
        }
        let entries = page.page(users.map(UserEntry.init)) { [$0.user.id.description, $0.user.handle.key] }
        return try .page(entries, of: request)
    }

    /// `?role=&banned=true&q=`, where `q` is a whole address or how a handle begins.
    private func userFilter(_ query: QueryItems) throws -> UserFilter {
        let values = Dictionary(query.items.map { ($0.name, $0.value) }) { first, _ in first }
        var filter = UserFilter()
        if let role = values["role"] { filter.role = try checked(Role(rawValue: role), "role", MemberRule.role) }
        if let banned = values["banned"] {
            guard banned == "true" else { throw Problem.invalid("banned", "true, or left out") }
            filter.isBanned = true
        }
        if let text = values["q"] {
            guard (1...Self.maximumSearch).contains(text.count), !text.contains("\0") else {
                throw Problem.invalid("q", "1 to \(Self.maximumSearch) characters")
            }
            filter.text = text.contains("@") ? text : Handle.searchKey(text)
        }
        return filter
    }

    private struct RoleBody: Decodable {
        let role: Role
    }

    func setRole(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let body = try await request.json(RoleBody.self)
        return try answer(try await accounts.setRole(of: id, to: body.role, by: token.userID))
    }

    private struct BanBody: Decodable {
        var reason: String?
        var until: Timestamp?
    }

    func ban(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let type = request.headerFields[.contentType]
        let body = bytes.isEmpty ? BanBody() : try JSONBody.decode(BanBody.self, from: bytes, contentType: type)
        guard (body.reason ?? "").count <= Self.maximumReason else {
            throw Problem.invalid("/reason", "at most \(Self.maximumReason) characters")
        }
        if let until = body.until, until <= accounts.clock.now {
            throw Problem.invalid("/until", "an instant to come")
        }
        let reason = body.reason ?? ""
        let banned = try await accounts.ban(id, reason: reason, until: body.until, by: token.userID)
        if body.until != nil { bans.wake() }
        return try answer(banned)
    }

    func unban(_ request: Request, _ token: AccessToken) async throws -> Response {
        try answer(try await accounts.unban(request.identifier("id"), by: token.userID))
    }

    /// What admins did to an account, newest first.
    func listActs(_ request: Request, _ token: AccessToken) async throws -> Response {
        let (id, page) = (try request.identifier("id"), try PageRequest(request.query()))
        let last = page.after?.first.flatMap { Identifier($0) }
        let acts = try await accounts.database.read { connection in
            guard try connection.user(id) != nil else { throw Problem(.notFound) }
            return try connection.adminActs(on: id, before: last, limit: page.limit + 1)
        }
        return try .page(page.page(acts.map(AdminActDocument.init)) { [$0.id.description] }, of: request)
    }

    private func answer(_ user: User) throws -> Response {
        try .json(UserDocument(user), [.eTag: user.tag.description])
    }
}

/// An account in a list; its position in the list comes with it.
private struct UserEntry: Encodable, Sendable {
    let user: User

    func encode(to encoder: any Encoder) throws { try UserDocument(user).encode(to: encoder) }
}

/// An act of an admin.
private struct AdminActDocument: Encodable, Sendable {
    let id: Identifier
    let adminID: Identifier?
    let act: String
    let detail: String
    let createdAt: Timestamp

    init(_ entry: AdminAct) {
        id = entry.id
        adminID = entry.adminID
        act = entry.kind.rawValue
        detail = entry.detail
        createdAt = entry.id.time
    }

    enum CodingKeys: String, CodingKey {
        case id, act, detail
        case adminID = "admin_id"
        case createdAt = "created_at"
    }
}
