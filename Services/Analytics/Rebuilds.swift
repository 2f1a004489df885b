import Contracts
import EventBus
import Persistence
import Reactor
import ServiceKit
import Synchronization
import System
import Telemetry

/// Makes everything that follows from topics which never expire anew, from their first records, beside what is shown, and
/// then shows it: in one transaction, at the same places in the log. One at a time. Any task.
///
/// The new generation first comes near the live one while that goes on; then the live consumer stands still for the rest,
/// so nothing is left out and nothing counted twice.
final class Rebuilds: Sendable {
    /// The live consumer stands still when so few records are left, or after so many rounds.
    private static let fewRecords: Int64 = 2000
    private static let maximumRounds = 20
    /// Rows that go in one transaction when an old generation is removed.
    private static let removedRows = 2000

    private struct State {
        var live: EventConsumer
        var generation: Int64
        var building: EventConsumer?
        var isStopping = false
    }

    private let database: Database
    private let kafka: KafkaConfiguration
    private let positions: AppliedPositions
    private let feed: MetricFeed
    private let traces: TraceIndex
    private let minutes: MinuteRetention
    private let clock: WallClock
    private let logger: Logger
    private let state: Mutex<State>

    /// `live` is the consumer of the generation that is shown.
    init(
        _ service: ServiceBuilder,
        _ database: Database,
        _ feed: MetricFeed,
        _ traces: TraceIndex,
        _ minutes: MinuteRetention,
        live: EventConsumer,
        generation: Int64
    ) {
        self.database = database
        self.feed = feed
        self.traces = traces
        self.minutes = minutes
        kafka = service.configuration.kafka
        positions = service.positions
        clock = service.clock
        logger = service.logger
        state = Mutex(State(live: live, generation: generation))
    }

    /// Why the consumer of what is shown has ended by itself; nil while it runs.
    var failure: EventError? { state.withLock(\.live).failure }

    /// Begins a rebuild and returns it; 409 when one runs.
    func begin(on loop: EventLoop) async throws -> Rebuild {
        let number = state.withLock(\.generation) + 1
        let building = try consumer(of: number, isLive: false)
        let isFree = state.withLock { state in
            guard state.building == nil, !state.isStopping else { return false }
            state.building = building
            return true
        }
        guard isFree else { throw Problem(.conflict, "a rebuild is under way") }
        let rebuild = Rebuild(id: .version7(at: clock.now), generation: number, startedAt: clock.now)
        do {
            try await database.write { transaction in
                try transaction.clearLeftovers(of: number)
                try transaction.insert(rebuild)
            }
        } catch {
            state.withLock { $0.building = nil }
            throw error
        }
        _ = Task(executorPreference: loop) { await self.run(rebuild, building) }
        return rebuild
    }

    /// Ends a rebuild under way and the consumer that a rebuild has started.
    func stop() async {
        let (live, building) = state.withLock { state in
            state.isStopping = true
            return (state.live, state.building)
        }
        await building?.stop()
        await live.stop()
    }

    /// Removes what is no longer shown, some rows at a time.
    func clean() async throws {
        let (shown, isBuilding) = state.withLock { ($0.generation, $0.building != nil) }
        let kept = [AnalyticsStore.recent, shown] + (isBuilding ? [shown + 1] : [])
        let old = try await database.read { try $0.generations() }.filter { !kept.contains($0) }
        for generation in old {
            while try await database.write(
                priority: .background,
                { try $0.removeRows(of: generation, limit: Self.removedRows) }
            ) > 0 {}
            try await database.write { try $0.forget(generation) }
        }
        if !isBuilding, try await database.read({ try $0.hasUnfinished() }) {
            try await database.write { try $0.failUnfinished() }
        }
    }

    private func consumer(of generation: Int64, isLive: Bool) throws -> EventConsumer {
        let events = AnalyticsEvents(
            generation: generation,
            clock: clock,
            minutes: minutes,
            feed: isLive ? feed : nil,
            traces: isLive ? traces : nil
        )
        return try EventConsumer(
            AnalyticsEvents.consumer(of: generation),
            database: database,
            kafka: kafka,
            logger: logger,
            clock: clock,
            // What is built beside has applied nothing for those who wait.
            positions: isLive ? positions : AppliedPositions(),
            batchHandler: events.apply
        )
    }

    private func run(_ rebuild: Rebuild, _ building: EventConsumer) async {
        let old = state.withLock(\.generation)
        do {
            let cluster = try await catchUp(building, with: old)
            await state.withLock(\.live).stop()
            try await building.replay(upTo: try await places(of: old, on: cluster), ofCluster: cluster)
            let oldest = minutes.oldest(at: clock.now)
            let differences = try? await database.read {
                try $0.differences(old, rebuild.generation, minutesFrom: oldest)
            }
            try await show(rebuild, differences)
        } catch {
            await failed(rebuild, error)
        }
    }

    /// Applies the log until little is left of what the live generation has; says the cluster.
    private func catchUp(_ building: EventConsumer, with old: Int64) async throws -> String {
        let clusters = try await database.read { try $0.offsetClusters(group: AnalyticsEvents.places(of: old)) }
        guard let cluster = clusters.first else { throw EventError(.broker, "nothing has been consumed yet") }
        for _ in 0..<Self.maximumRounds {
            let target = try await places(of: old, on: cluster)
            try await building.replay(upTo: target, ofCluster: cluster)
            let now = try await places(of: old, on: cluster)
            if now.reduce(0, { $0 + $1.next }) - target.reduce(0, { $0 + $1.next }) < Self.fewRecords { break }
        }
        return cluster
    }

    private func places(of generation: Int64, on cluster: String) async throws -> [ConsumerOffset] {
        try await database.read { connection in
            try connection.offsets(cluster: cluster, group: AnalyticsEvents.places(of: generation))
        }
    }

    private func show(_ rebuild: Rebuild, _ differences: Int64?) async throws {
        let now = clock.now
        try await database.write { try $0.show(rebuild, differences: differences, at: now) }
        let live = try consumer(of: rebuild.generation, isLive: true)
        let isStopping = state.withLock { state in
            (state.live, state.generation, state.building) = (live, rebuild.generation, nil)
            return state.isStopping
        }
        if !isStopping { try live.start() }
        logger.notice(
            "rebuilt",
            metadata: [
                "generation": .count(rebuild.generation), "differences": "\(differences.map { "\($0)" } ?? "?")",
            ]
        )
    }

    /// What was shown goes on.
    private func failed(_ rebuild: Rebuild, _ error: any Error) async {
        logger.error("a rebuild failed", metadata: ["error": "\(error)"])
        do {
            let now = clock.now
            try await database.write { try $0.finish(rebuild, error: "\(error)", at: now) }
            let (old, isStopping) = state.withLock { ($0.generation, $0.isStopping) }
            guard !isStopping else { return }
            await state.withLock(\.live).stop()
            let live = try consumer(of: old, isLive: true)
            state.withLock { ($0.live, $0.building) = (live, nil) }
            try live.start()
        } catch {
            logger.critical("nothing is consumed any more", metadata: ["error": "\(error)"])
        }
    }
}

/// A rebuild as its reader sees it.
struct Rebuild: Sendable {
    let id: Identifier
    let generation: Int64
    var state = "running"
    /// Records applied so far.
    var records: Int64 = 0
    /// Records that the live generation has applied.
    var total: Int64 = 0
    /// Rows in which the two differed when the new one was shown; nil when they were not compared.
    var differences: Int64?
    var error: String?
    let startedAt: Timestamp
    var finishedAt: Timestamp?
}
