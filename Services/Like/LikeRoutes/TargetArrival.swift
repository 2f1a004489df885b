import Contracts
import HTTPTransport
import ServiceKit
import System

/// A target made a moment ago may be known to its maker before its event has come here.
struct TargetArrival: Sendable {
    /// Told when something of a target has become known.
    let targets: Changes<Target>

    /// Runs `body`, and while that says that the target is unknown and it may still be on its way, again. 404
    /// `target_not_found` in the end. On the request's loop.
    func expect<Result>(
        _ id: Identifier,
        at now: Timestamp,
        _ request: Request,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let found = try await targets.find(id, at: now, on: request.loop) {
            do {
                return try await body()
            } catch is UnknownTarget {
                return nil
            }
        }
        guard let found else { throw Problem(.targetNotFound) }
        return found
    }
}
