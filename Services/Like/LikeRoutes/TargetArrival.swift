import Contracts
import HTTPTransport
import Reactor
import ServiceKit
import System

/// A target made a moment ago may be known to its maker before its event has come here.
enum TargetArrival {
    /// How young an id must be to be waited for.
    static let maximumAgeMilliseconds: Int64 = 5000
    /// How long it is waited for.
    static let maximumWait = Duration.seconds(1)
    static let pollInterval = Duration.milliseconds(20)
}

extension Request {
    /// Runs `body`, and while that says that the target is unknown and the target is young, again for a moment. 404
    /// `target_not_found` in the end.
    nonisolated(nonsending) func awaitingTarget<Result>(
        _ id: Identifier,
        at now: Timestamp,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let age = now.milliseconds - id.time.milliseconds
        let isYoung = abs(age) < TargetArrival.maximumAgeMilliseconds
        let deadline = loop.deadline(after: TargetArrival.maximumWait)
        while true {
            do {
                return try await body()
            } catch is UnknownTarget {
                guard isYoung, loop.now < deadline.nanoseconds else { throw Problem(.targetNotFound) }
                try await loop.sleep(for: TargetArrival.pollInterval)
            }
        }
    }
}
