import BlobStore
import Contracts
import HTTPTransport
import Reactor
import ServiceKit
import Telemetry

/// What a client hears when content can be neither stored nor read for a while.
struct StoreProblems: Sendable {
    private static let retrySeconds = 5

    let logger: Logger

    /// Middleware.
    @Sendable func explain(_ request: Request, _ next: Handler) async throws -> Response {
        do {
            return try await next(request)
        } catch BlobError.unavailable(let cause) {
            logger.warning("the blob store is not available", metadata: ["cause": "\(cause)"])
            throw Problem(.unavailable, retryAfter: Self.retrySeconds)
        } catch is WorkerPool.Full {
            throw Problem(.overloaded, retryAfter: 1)
        }
    }
}
