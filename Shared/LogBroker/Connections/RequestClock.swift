import Synchronization
import System

/// How long the request at hand has kept its loop busy: since its frame was there, without what it waited for. Writing is
/// the connection's, adding up what was waited for anybody's in its task.
final class RequestClock: Sendable {
    /// The clock of the connection whose task this is.
    @TaskLocal static var current: RequestClock?

    private let started = Atomic<UInt64>(0)
    private let waited = Atomic<UInt64>(0)

    /// Begins a request.
    func start() {
        waited.store(0, ordering: .relaxed)
        started.store(MonotonicClock.nanoseconds, ordering: .relaxed)
    }

    /// When the request began, nanoseconds.
    var beginning: UInt64 { started.load(ordering: .relaxed) }

    /// Nanoseconds of work so far.
    var busy: UInt64 {
        let total = MonotonicClock.nanoseconds &- beginning
        let waited = waited.load(ordering: .relaxed)
        return total > waited ? total - waited : 0
    }

    /// Waits for something that others do.
    static func waiting<Value>(
        _ body: () async throws -> Value
    ) async rethrows -> Value {
        guard let current else { return try await body() }
        let begin = MonotonicClock.nanoseconds
        defer { current.waited.wrappingAdd(MonotonicClock.nanoseconds - begin, ordering: .relaxed) }
        return try await body()
    }
}
