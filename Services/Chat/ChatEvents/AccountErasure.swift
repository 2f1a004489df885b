import Contracts
import EventBus
import Persistence
import System

/// Takes away what accounts that are gone left in rooms; the receipt comes when nothing is left.
struct AccountErasure: Sendable {
    let database: Database
    let clock: WallClock

    /// Does one step; a past instant while more is left.
    func step() async throws -> Timestamp? {
        guard let erasure = try await database.read({ try $0.openErasure() }) else { return nil }
        let now = clock.now
        try await database.write(priority: .background) { try Self.finish(erasure, at: now, $0) }
        return now
    }

    private static func finish(_ erasure: Erasure, at now: Timestamp, _ transaction: borrowing Transaction) throws {
        let user = erasure.userID
        try transaction.endErasure(of: user)
        let receipt = UserErased(userID: user, erasureID: erasure.erasureID, service: "chat", timestamp: now)
        // The same id at every process, so that one of them counts.
        let id = Identifier.derived(source: "/chat", cause: erasure.eventID, index: 0)
        var event = try Event(receipt, id: id, at: now, source: "/chat")
        event.causationID = erasure.eventID
        try transaction.publish(event)
    }
}
