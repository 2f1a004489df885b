import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System
import Telemetry

/// All consumer groups of the broker: their state machines, who waits for a reply, and the committed offsets.
/// Membership lives in memory: after a restart members join again; committed offsets are durable before they are
/// acknowledged. Any thread.
final class GroupCoordinator: Sendable {
    /// How often silent members are looked for.
    static let sweepInterval = Duration.milliseconds(250)

    private struct State {
        var groups: [String: ConsumerGroup] = [:]
        var offsets: [String: [TopicPartition: CommittedOffset]] = [:]
        var pending = PendingOffsets()
        var joins: [UInt64: Waiter<JoinOutcome>] = [:]
        var syncs: [UInt64: Waiter<SyncOutcome>] = [:]
        var token: UInt64 = 0

        mutating func nextToken() -> UInt64 {
            token += 1
            return token
        }

        /// Changes a group and hands out the replies that became due.
        mutating func update<Result>(_ id: String, _ body: (inout ConsumerGroup) -> Result) -> Result {
            var group = groups[id] ?? ConsumerGroup(id: id)
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
                    groups[record.group] = groups[record.group] ?? ConsumerGroup(id: record.group)
                }
            }
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

    private let state = Mutex(State())
    let log: OffsetLog
    let clock: WallClock

    /// Reads the committed offsets. Blocks.
    init(store: LogStore, logger: Logger, clock: WallClock = .system) throws {
        self.clock = clock
        log = try OffsetLog(store: store)
        var found = State()
        try log.replay({ found.apply($0) }, logger: logger)
        state.withLock { [found] state in
            state = found
            for group in found.offsets.keys { state.groups[group] = ConsumerGroup(id: group) }
        }
    }

    private var now: UInt64 { MonotonicClock.nanoseconds }

    // MARK: Membership

    func join(_ id: String, _ request: ConsumerGroup.JoinRequest) async throws -> JoinOutcome {
        let waiter = Waiter<JoinOutcome>()
        let now = now
        state.withLock { state in
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
            state.update(id) { $0.heartbeat(member, instance: instance, generation: generation, now: now) }
        }
    }

    func leave(_ id: String, member: String, instance: String?) -> ErrorCode {
        let now = now
        return state.withLock { state in state.update(id) { $0.leave(member, instance: instance, now: now) } }
    }

    /// Removes silent members. Call it every `sweepInterval`.
    func sweep() {
        let now = now
        state.withLock { state in
            for (id, group) in state.groups where !group.members.isEmpty || !group.pending.isEmpty {
                state.update(id) { $0.expire(now) }
            }
        }
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
        _ offsets: [OffsetRecord]
    ) async throws -> ErrorCode {
        let error = check(id, member: member, instance: instance, generation: generation)
        guard error == .none, !offsets.isEmpty else { return error }
        return try await store(offsets)
    }

    /// Whether a member may commit.
    func check(_ id: String, member: String, instance: String?, generation: Int32) -> ErrorCode {
        let now = now
        return state.withLock { state in
            state.update(id) { $0.checkCommit(member, instance: instance, generation: generation, now: now) }
        }
    }

    /// Changes what transactions under way have given.
    func update(_ body: (inout PendingOffsets) -> Void) { state.withLock { body(&$0.pending) } }

    /// A transaction has ended, durably.
    func apply(_ end: TransactionEnd, of producer: Int64) {
        state.withLock { $0.apply(.end(end, producer: producer)) }
    }

    private func store(_ records: [OffsetRecord]) async throws -> ErrorCode {
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
                            if record.value != nil { state.update(record.group) { _ in } }
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

    /// Deletes the offsets of some partitions (OffsetDelete).
    func delete(_ partitions: [TopicPartition], of id: String) async throws -> ErrorCode {
        guard state.withLock({ $0.groups[id] != nil }) else { return .groupIDNotFound }
        return try await store(partitions.map { OffsetRecord(group: id, partition: $0, value: nil) })
    }

    /// Deletes a group without members, with its offsets.
    func delete(_ id: String) async throws -> ErrorCode {
        let (group, partitions) = state.withLock { ($0.groups[id], Array($0.offsets[id, default: [:]].keys)) }
        guard let group else { return .groupIDNotFound }
        guard group.members.isEmpty else { return .groupNotEmpty }
        if !partitions.isEmpty {
            let error = try await store(partitions.map { OffsetRecord(group: id, partition: $0, value: nil) })
            guard error == .none else { return error }
        }
        state.withLock { state in
            if state.offsets[id] == nil { state.groups[id] = nil }
        }
        return .none
    }

    /// A topic was deleted: nobody has read any of it.
    func forget(topic: String) async throws {
        let records = state.withLock { state in
            state.offsets.flatMap { group, partitions in
                partitions.keys.filter { $0.topic == topic }.map {
                    OffsetRecord(group: group, partition: $0, value: nil)
                }
            }
        }
        if !records.isEmpty { _ = try await store(records) }
    }

    // MARK: Views

    /// A group's state; nil when there is none.
    func group(_ id: String) -> ConsumerGroup? { state.withLock { $0.groups[id] } }

    /// All groups.
    var all: [ConsumerGroup] { state.withLock { Array($0.groups.values) } }
}
