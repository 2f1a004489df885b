import Contracts
import Persistence
import Reactor
import ServiceKit
import System

/// Who signed up a moment ago may be known to others before the event has come here.
struct PersonArrival: Sendable {
    /// How old an account may be, by its id, for it to be waited for, in milliseconds.
    static let newestMilliseconds: Int64 = 5000
    /// How long it is waited for.
    static let patience = Duration.seconds(1)

    let database: Database
    let contacts: Changes<Contact>

    /// Throws 422 about `pointer` unless all people are known. On the loop.
    func expect(_ people: [Identifier], _ pointer: String, at now: Timestamp, on loop: EventLoop) async throws {
        let unknown = try await database.read { connection in
            try people.filter { try connection.contact($0) == nil }
        }
        let database = database
        for user in unknown {
            let watch = contacts.watch(user)
            let read = { try await database.read { try $0.contact(user) } }
            var found = try await read()
            if found == nil, abs(now.milliseconds - user.time.milliseconds) < Self.newestMilliseconds {
                found = try await contacts.wait(
                    watch,
                    isNew: true,
                    on: loop,
                    until: .after(Self.patience),
                    isDecided: { _ in true },
                    read: read
                )
            }
            guard found != nil else { throw Problem.invalid(pointer, "\(user) is nobody", code: "not_found") }
        }
    }
}
