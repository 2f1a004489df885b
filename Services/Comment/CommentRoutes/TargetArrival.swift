import Persistence
import Reactor
import ServiceKit
import System

/// A target made a moment ago may be known to its maker before its event has come here.
struct TargetArrival: Sendable {
    let database: Database
    /// Told when something of a target has become known.
    let targets: Changes<Target>

    /// Waits a little when somebody cannot see a target that was made a moment ago. On the loop.
    func settle(_ id: Identifier, for user: Identifier?, at now: Timestamp, on loop: EventLoop) async throws {
        guard Arrival.isExpected(id, at: now) else { return }
        _ = try await targets.find(id, at: now, on: loop) {
            try await database.read { try $0.target(id).flatMap { $0.isVisible(to: user) ? $0 : nil } }
        }
    }
}
