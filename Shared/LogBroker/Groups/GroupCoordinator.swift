import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry

/// All groups of the broker: their state machines, who waits for a reply, and the committed offsets. Membership of classic
/// groups lives in memory: after a restart members join again; groups whose assignments the broker makes are durable before
/// their members hear of it, as are committed offsets before they are acknowledged. Any thread.
final class GroupCoordinator: Sendable {
    /// How often silent members are looked for.
    static let sweepInterval = Duration.milliseconds(250)

    struct State {
        var groups: [String: ClassicGroup] = [:]
        /// Those whose assignments the broker makes: an id is there or among the others.
        var consumers: [String: ConsumerGroup] = [:]
        var offsets: [String: [TopicPartition: CommittedOffset]] = [:]
        var pending = PendingOffsets()
        var joins: [UInt64: Waiter<JoinOutcome>] = [:]
        var syncs: [UInt64: Waiter<SyncOutcome>] = [:]
        var token: UInt64 = 0

        mutating func nextToken() -> UInt64 {
            token += 1
            return token
        }

        /// Changes a classic group and hands out the replies that became due.
        mutating func update<Result>(_ id: String, _ body: (inout ClassicGroup) -> Result) -> Result {
            var group = groups[id] ?? ClassicGroup(id: id)
            let result = body(&group)
            for reply in group.takeReplies() {
                switch reply {
                case .joined(let token, let outcome):
                    joins.removeValue(forKey: token)?.resume(.success(outcome))
                case .synchronized(let token, let outcome):
                    syncs.removeValue(forKey: token)?.resume(.success(outcome))
                }
            }
            let isIdle = group.members.isEmpty && group.pending.isEmpty && group.phase == .empty
            groups[id] = isIdle && offsets[id] == nil ? nil : group
            return result
        }

        /// Takes an entry of the log into account.
        mutating func apply(_ entry: OffsetLog.Entry) {
            switch entry {
            case .offset(let record, nil): apply(record)
            case .offset(let record, let producer?): pending.add(record, by: producer)
            case .end(let end, let producer):
                let records = pending.end(producer)
                guard end == .commit else { return }
                for record in records {
                    apply(record)
                    keep(record.group)
                }
            case .group(let record): apply(record)
            }
        }

        /// A group with offsets is one, if it has no members.
        mutating func keep(_ id: String) {
            if consumers[id] == nil, groups[id] == nil { groups[id] = ClassicGroup(id: id) }
        }

        /// Takes an offset into account, unless a later one is there: a transaction's counts from its commit on, but is as
        /// old as its record.
        mutating func apply(_ record: OffsetRecord) {
            guard offsets[record.group]?[record.partition]?.position ?? -1 < record.position else { return }
            offsets[record.group, default: [:]][record.partition] = record.value
            if offsets[record.group]?.isEmpty == true { offsets[record.group] = nil }
            if record.value == nil { pending.delete(record) }
        }
    }

    let state = Mutex(State())
    let log: OffsetLog
    let clock: WallClock

    let logStore: LogStore
    private let consumerSettings: Mutex<ConsumerGroupSettings>

    /// Reads the committed offsets and the groups. Blocks.
    init(
        store: LogStore,
        settings: ConsumerGroupSettings = ConsumerGroupSettings(),
        logger: Logger,
        clock: WallClock = .system
    ) throws {
        self.clock = clock
        logStore = store
        consumerSettings = Mutex(settings)
        log = try OffsetLog(store: store)
        var found = State()
        try log.replay({ found.apply($0) }, logger: logger)
        // What is left of a group that is gone has no epoch.
        found.consumers = found.consumers.filter { $0.value.epoch > 0 }
        let (now, timeout) = (MonotonicClock.nanoseconds, settings.sessionTimeoutNanoseconds)
        state.withLock { [found] state in
            state = found
            for group in found.consumers.keys { state.consumers[group]?.resume(now: now, sessionTimeout: timeout) }
            for group in found.offsets.keys { state.keep(group) }
        }
    }

    /// How groups are led whose assignments the broker makes; members hear of a change with their next heartbeat.
    var settings: ConsumerGroupSettings { consumerSettings.withLock { $0 } }

    func change(_ settings: ConsumerGroupSettings) { consumerSettings.withLock { $0 = settings } }

    var now: UInt64 { MonotonicClock.nanoseconds }

    // MARK: Membership

    func join(_ id: String, _ request: ClassicGroup.JoinRequest) async throws -> JoinOutcome {
        let waiter = Waiter<JoinOutcome>()
        let now = now
        try becomeClassic(id)
        state.withLock { state in
            guard state.consumers[id] == nil else {
                waiter.resume(.success(.failed(.inconsistentGroupProtocol, request.memberID)))
                return
            }
            let token = state.nextToken()
            state.joins[token] = waiter
            state.update(id) { $0.join(request, token: token, now: now) }
        }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    func synchronize(
        _ id: String,
        member: String,
        instance: String?,
        generation: Int32,
        assignments: [String: [UInt8]]
    ) async throws -> SyncOutcome {
        let waiter = Waiter<SyncOutcome>()
        let now = now
        state.withLock { state in
            guard state.consumers[id] == nil else {
                waiter.resume(.success(.failed(.unknownMemberID)))
                return
            }
            let token = state.nextToken()
            state.syncs[token] = waiter
            state.update(id) {
                $0.synchronize(
                    member,
                    instance: instance,
                    generation: generation,
                    assignments: assignments,
                    token: token,
                    now: now
                )
            }
        }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    func heartbeat(_ id: String, member: String, instance: String?, generation: Int32) -> ErrorCode {
        let now = now
        return state.withLock { state in
            guard state.consumers[id] == nil else { return .unknownMemberID }
            return state.update(id) { $0.heartbeat(member, instance: instance, generation: generation, now: now) }
        }
    }

    func leave(_ id: String, member: String, instance: String?) async throws -> ErrorCode {
        if let outcome = try await remove(member, instance: instance, from: id) { return outcome }
        let now = now
        return state.withLock { state in
            guard state.consumers[id] == nil else { return .unknownMemberID }
            return state.update(id) { $0.leave(member, instance: instance, now: now) }
        }
    }

    /// Removes silent members. Call it every `sweepInterval`.
    func sweep() {
        let now = now
        state.withLock { state in
            for (id, group) in state.groups where !group.members.isEmpty || !group.pending.isEmpty {
                state.update(id) { $0.expire(now) }
            }
        }
        sweepConsumers(now)
    }

    /// Lets everyone go who waits for a rebalance: the broker stops.
    func stop() {
        let (joins, syncs) = state.withLock { state in
            defer { (state.joins, state.syncs) = ([:], [:]) }
            return (state.joins, state.syncs)
        }
        for waiter in joins.values { waiter.resume(.success(.failed(.coordinatorNotAvailable, ""))) }
        for waiter in syncs.values { waiter.resume(.success(.failed(.coordinatorNotAvailable))) }
    }

    // MARK: Offsets

    /// Checks the member, then stores the offsets; returns when they are durable.
    func commit(
        _ id: String,
        member: String,
        instance: String?,
        generation: Int32,
        version: Int16,
        _ offsets: [OffsetRecord]
    ) async throws -> ErrorCode {
        let error = check(id, member: member, instance: instance, generation: generation, version: version)
        guard error == .none, !offsets.isEmpty else { return error }
        return try await store(offsets)
    }

    /// Whether a member may commit, by OffsetCommit of this version or with a transaction (nil).
    func check(_ id: String, member: String, instance: String?, generation: Int32, version: Int16?) -> ErrorCode {
        let now = now
        return state.withLock { state in
            if let group = state.consumers[id] {
                return group.checkCommit(member, epoch: generation, version: version)
            }
            return state.update(id) { $0.checkCommit(member, instance: instance, generation: generation, now: now) }
        }
    }

    /// Changes what transactions under way have given.
    func update(_ body: (inout PendingOffsets) -> Void) { state.withLock { body(&$0.pending) } }

    /// A transaction has ended, durably.
    func apply(_ end: TransactionEnd, of producer: Int64) {
        state.withLock { $0.apply(.end(end, producer: producer)) }
    }

    func store(_ records: [OffsetRecord]) async throws -> ErrorCode {
        let waiter = Waiter<ErrorCode>()
        var placed = records
        do throws(LogError) {
            let appended = try log.append(&placed, now: clock.now.milliseconds)
            log.whenDurable(appended) { [self, placed] result in
                switch result {
                case .success:
                    state.withLock { state in
                        for record in placed {
                            state.apply(record)
                            if record.value != nil { state.keep(record.group) }
                        }
                    }
                    waiter.resume(.success(.none))
                case .failure: waiter.resume(.success(.coordinatorNotAvailable))
                }
            }
        } catch {
            return ErrorCode(error)
        }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    /// The group's offsets; empty when it has none.
    func offsets(_ id: String) -> [TopicPartition: CommittedOffset] { state.withLock { $0.offsets[id] ?? [:] } }

    /// The partitions whose offset a transaction under way may change.
    func unstablePartitions(_ id: String) -> Set<TopicPartition> { state.withLock { $0.pending.partitions(of: id) } }
}
