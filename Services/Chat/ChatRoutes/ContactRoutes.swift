import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Contact cards, made of what people say of themselves when they sign up and later.
struct ContactRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker

    func add(to router: inout Router) {
        router.get("/v1/chat/contacts", tokens.user(list))
        router.get("/v1/chat/contacts/:id", tokens.user(show))
    }

    /// One's own card and those of everybody one shares a room with, by their ids; or who has a handle.
    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let user = token.userID
        if let handle = try request.query("handle") {
            let contact = try await database.read { try $0.contact(withHandle: handle.lowercased()) }
            let items = contact.map { [ContactView(contact: $0, viewer: user)] } ?? []
            return try .page(Page(items: items, nextCursor: nil), of: request)
        }
        let page = try PageRequest(try request.query(), filter: "contacts \(user)")
        let after = page.after?.first.flatMap { Identifier($0) }
        let contacts = try await database.read { connection in
            let people = try connection.acquaintances(of: user).sorted()
            let rest = people.drop { person in after.map { person <= $0 } ?? false }
            return try rest.prefix(page.limit + 1).compactMap { try connection.contact($0) }
        }
        let views = contacts.map { ContactView(contact: $0, viewer: user) }
        return try .page(page.page(views) { ["\($0.contact.userID)"] }, of: request)
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        guard let contact = try await database.read({ try $0.contact(id) }) else { throw Problem(.notFound) }
        return try .json(ContactView(contact: contact, viewer: token.userID))
    }
}

extension Connection {
    /// Rooms and people of them that are looked at, so that a list ends.
    private static var maximumAcquaintances: Int { 10_000 }

    /// Somebody and everybody they share a room with.
    func acquaintances(of user: Identifier) throws -> Set<Identifier> {
        var people: Set = [user]
        for room in try rooms(of: user, after: nil, limit: Self.maximumAcquaintances) {
            for member in try members(of: room) { people.insert(member.userID) }
            if people.count > Self.maximumAcquaintances { break }
        }
        return people
    }
}
