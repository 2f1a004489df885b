import Persistence
import Reactor
import ServiceKit
import System

/// A target made a moment ago may be known to its maker before its event has come here.
struct TargetArrival: Sendable {
    /// How old a target may be, by its id, for it to be waited for, in milliseconds.
    static let newestMilliseconds: Int64 = 5000
    /// How long it is waited for.
    static let patience = Duration.seconds(1)

    let database: Database
    /// Told when something of a target has become known.
    let targets: Changes<Target>

    /// Waits a little when somebody cannot see a target that was made a moment ago. On the loop.
    func settle(_ id: Identifier, for user: Identifier?, at now: Timestamp, on loop: EventLoop) async throws {
        guard abs(now.milliseconds - id.time.milliseconds) < Self.newestMilliseconds else { return }
        let watch = targets.watch(id)
        let read = { try await database.read { try $0.target(id) } }
        if try await read()?.isVisible(to: user) == true { return }
        _ = try await targets.wait(
            watch,
            isNew: true,
            on: loop,
            until: .after(Self.patience),
            isDecided: { $0.isVisible(to: user) },
            read: read
        )
    }
}
