public import Reactor
public import System
public import Telemetry

/// Work that falls due at instants which a store keeps, such as expiries, mails and webhooks: done at its instant, not by
/// a sweep. After a crash the store still has it.
public final class DueWork: Sendable {
    /// The longest wait without a look at the store, in milliseconds: so late it is noticed that the clock was set ahead.
    static let maximumWaitMilliseconds: Int64 = 5000
    /// The wait after a step that failed.
    static let retryMilliseconds: Int64 = 1000

    /// Does what is due at an instant and says when the next is; nil when nothing is left. When more is due than one step
    /// does, the instant is a past one.
    public typealias Step = @Sendable (_ now: Timestamp) async throws -> Timestamp?

    private let name: String
    private let clock: WallClock
    private let logger: Logger
    private let step: Step
    private let woken = Waiter<Void>()

    /// Nothing is done before ``run(on:)``.
    public init(_ name: String, clock: WallClock, logger: Logger, step: @escaping Step) {
        self.name = name
        self.clock = clock
        self.logger = logger
        self.step = step
    }

    /// Tells that something may have become due; call it after the commit that stored it. Any thread.
    public func wake() {
        woken.resume(.success(()))
    }

    /// Works until the task is cancelled. A step that throws is logged and tried again a second later.
    public func run(on loop: EventLoop) async {
        while !Task.isCancelled {
            var next: Timestamp?
            do {
                next = try await step(clock.now)
            } catch {
                logger.error("\(name) failed", metadata: ["error": "\(error)"])
                next = clock.now.adding(milliseconds: Self.retryMilliseconds)
            }
            let wait = next.map { $0.milliseconds - clock.now.milliseconds } ?? Self.maximumWaitMilliseconds
            guard wait > 0 else { continue }
            do {
                let limit = min(wait, Self.maximumWaitMilliseconds)
                try await loop.wait(for: woken, until: .after(.milliseconds(limit)))
            } catch is CancellationError {
                return
            } catch {
                continue  // The instant has come.
            }
        }
    }
}
