import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Who is there, for who asks: those with whom one shares a room; of others nothing is said.
struct PresenceRoutes: Sendable {
    /// People in one question.
    static let maximumPeople = 100

    let database: Database
    let tokens: TokenChecker
    let hub: PresenceHub

    func add(to router: inout Router) {
        router.get("/v1/chat/presence", tokens.user(presence))
    }

    private struct Answer: Encodable, Sendable {
        struct Item: Encodable, Sendable {
            let userID: Identifier
            let state: String
            let lastSeenAt: Timestamp?

            enum CodingKeys: String, CodingKey {
                case userID = "user_id"
                case lastSeenAt = "last_seen_at"
                case state
            }
        }

        let items: [Item]
    }

    @Sendable private func presence(_ request: Request, _ token: AccessToken) async throws -> Response {
        let people = try people(in: request)
        let (viewer, hub) = (token.userID, hub)
        let items = try await database.read { connection in
            try people.filter { try connection.sees(viewer, $0) }.map { user in
                if let update = hub.state(of: user) {
                    return Answer.Item(userID: user, state: update.state.rawValue, lastSeenAt: update.seenAt)
                }
                let seenAt = try connection.seenAt(user)
                return Answer.Item(userID: user, state: PresenceState.offline.rawValue, lastSeenAt: seenAt)
            }
        }
        return try .json(Answer(items: items))
    }

    private func people(in request: Request) throws -> [Identifier] {
        guard let text = try request.query("user_ids"), !text.isEmpty else {
            throw Problem.invalid("user_ids", "ids, separated by commas")
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= Self.maximumPeople else {
            throw Problem.invalid("user_ids", "at most \(Self.maximumPeople) ids")
        }
        var known: Set<Identifier> = []
        return try names.compactMap { name in
            guard let user = Identifier(name) else { throw Problem.invalid("user_ids", "ids, separated by commas") }
            return known.insert(user).inserted ? user : nil
        }
    }
}
