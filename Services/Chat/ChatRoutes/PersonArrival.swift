import Contracts
import Persistence
import Reactor
import ServiceKit
import System

/// Who signed up a moment ago may be known to others before the event has come here.
struct PersonArrival: Sendable {
    let database: Database
    /// Told when a card has become known.
    let contacts: Changes<Contact>

    /// Throws 422 about `pointer` unless all people are known. On the loop.
    func expect(_ people: [Identifier], _ pointer: String, at now: Timestamp, on loop: EventLoop) async throws {
        let unknown = try await database.read { connection in
            try people.filter { try connection.contact($0) == nil }
        }
        for user in unknown {
            let found = try await contacts.find(user, at: now, on: loop) {
                try await database.read { try $0.contact(user) }
            }
            guard found != nil else { throw Problem.invalid(pointer, "\(user) is nobody", code: "not_found") }
        }
    }
}
