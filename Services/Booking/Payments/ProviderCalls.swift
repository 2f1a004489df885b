import Persistence
import System
import Telemetry

/// Hands charges and refunds to their providers at least once, with back-off, until they have them.
struct ProviderCalls: Sendable {
    /// Calls made in one step.
    static let batch = 32
    /// The longest pause between two tries of one call.
    static let maximumBackOffMilliseconds: Int64 = 60_000

    let database: Database
    let providers: [String: any PaymentProvider]
    let logger: Logger

    /// Makes what is due and says when the next call is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let (due, next) = try await database.read { try $0.dueProviderCalls(at: now, limit: Self.batch) }
        for call in due {
            do {
                guard let provider = providers[call.payment.provider] else {
                    throw UnknownProvider(name: call.payment.provider)
                }
                try await provider.submit(call)
                try await database.write { try $0.finish(call) }
            } catch {
                logger.warning("provider call", metadata: ["key": "\(call.idempotencyKey)", "error": "\(error)"])
                let pause = backOff(attempts: call.attempts, maximum: Self.maximumBackOffMilliseconds)
                try await database.write { try $0.postpone(call, until: now.adding(milliseconds: pause)) }
            }
        }
        return due.isEmpty ? next : now
    }

    private struct UnknownProvider: Error {
        let name: String
    }
}

/// Milliseconds before another try: 100 doubled with each one.
func backOff(attempts: Int, maximum: Int64) -> Int64 {
    min(100 << Int64(min(attempts, 20)), maximum)
}
