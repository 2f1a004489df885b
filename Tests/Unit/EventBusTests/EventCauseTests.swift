import Persistence
import System
import TestSupport
import Testing

@testable import EventBus

@Suite struct EventCauseTests {
    let now = Timestamp(milliseconds: 1_742_378_400_000)

    /// What a handler of the event that publishes two greetings leaves in a new database's outbox.
    private func effects(of event: Event) async throws -> [Event] {
        let folder = try TemporaryDirectory()
        let database = try Database.open(.init(path: folder.appending("test.db")), migrations: [])
        try await database.write { transaction in
            let cause = EventCause(event)
            for text in ["one", "two"] {
                try transaction.publish(Greeting(id: "8", text: text), at: now, cause: cause)
            }
        }
        let rows = try await database.read { try $0.outbox(after: 0, limit: 10) }
        await database.close()
        return try rows.map { row in
            let headers = row.headers.map { EventHeader($0.name, $0.value) }
            return try Event(topic: row.topic, key: row.aggregateID, headers: headers, value: row.payload)
        }
    }

    @Test func `a replay publishes the same events under the same ids, another event others`() async throws {
        let event = try Event(Greeting(id: "7", text: "cause"), at: now)
        let first = try await effects(of: event)
        #expect(try await effects(of: event) == first)
        #expect(Set(first.map(\.id)).count == 2)
        let other = try await effects(of: Event(Greeting(id: "7", text: "cause"), at: now))
        #expect(Set(other.map(\.id)).isDisjoint(with: first.map(\.id)))
    }

    @Test func `what an event causes names it and goes on with its story and trace`() async throws {
        var event = try Event(Greeting(id: "7", text: "cause"), at: now)
        event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for effect in try await effects(of: event) {
            #expect(effect.causationID == event.id)
            #expect(effect.correlationID == event.id)
            #expect(effect.traceparent == event.traceparent)
        }
        event.correlationID = .version7(at: now)
        #expect(try await effects(of: event).allSatisfy { $0.correlationID == event.correlationID })
    }
}
