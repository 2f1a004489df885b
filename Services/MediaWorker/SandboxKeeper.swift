import Contracts
import Reactor
import Synchronization
import System
import Telemetry

/// Lets the worker take jobs as soon as tools can be confined here, and ends confined processes that have nothing to do.
struct SandboxKeeper: Sendable {
    static let period = Duration.seconds(5)
    private static let idleNanoseconds: UInt64 = 60_000_000_000

    let slots: SlotPool
    let workers: WorkerPool
    let state: SandboxState
    let logger: Logger
    /// Called once, when the first try succeeded.
    let begin: @Sendable () throws -> Void
    private let hasBegun = Flag()

    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    init(
        slots: SlotPool,
        workers: WorkerPool,
        state: SandboxState,
        logger: Logger,
        begin: @escaping @Sendable () throws -> Void
    ) {
        (self.slots, self.workers, self.state, self.logger, self.begin) = (slots, workers, state, logger, begin)
    }

    func step() async throws {
        if state.problem != nil { await probe() }
        guard state.problem == nil else { return }
        if !hasBegun.isSet.exchange(true, ordering: .acquiringAndReleasing) { try begin() }
        let slots = slots
        try await workers.run { slots.withFree { $0.closeImages(idleFor: Self.idleNanoseconds) } }
    }

    private func probe() async {
        do {
            let tools = [VideoTranscoder.ffmpeg, VideoTranscoder.ffprobe]
            if let missing = tools.first(where: { !File.exists($0) }) {
                throw JobFailure(reason: .sandboxUnavailable, cause: "\(missing) is missing")
            }
            try await slots.withSlot { slot in
                try await workers.run { try slot.openImages() }
            }
            state.works()
        } catch {
            logger.error("no sandbox: no jobs are taken", metadata: ["error": "\(error)"])
            state.fails(error)
        }
    }
}
