import EventLog
import KafkaProtocol
import Reactor
import Synchronization
import System

/// Groups whose assignments the broker makes (KIP-848).
extension GroupCoordinator {
    /// How long a group without members and offsets is remembered: who was silent for too long finds that it was taken out,
    /// not that there is no group.
    private static let emptyLifetime: UInt64 = 600_000_000_000

    /// What waits to be durable.
    private typealias Kept = (id: String, changes: Set<ConsumerGroup.Change>, appended: PartitionLog.Appended)

    /// Takes a heartbeat; returns when what it has changed is durable. Errors: GroupRefusal.
    func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest,
        from client: GroupClient,
        mayDescribe: @escaping (String) -> Bool
    ) async throws -> ConsumerGroupHeartbeatResponse {
        let surroundings = GroupSurroundings(
            settings: settings,
            catalog: TopicCatalog(logStore),
            client: client,
            mayDescribe: mayDescribe,
            now: now
        )
        let (response, kept) = try state.withLock { state in
            var group = try state.takeConsumer(request, now: surroundings.now)
            // Put back changed or, when it was refused, as it was: an empty new one is no group.
            defer { state.put(group) }
            let isLeaving = request.memberEpoch < 0
            let response =
                isLeaving
                ? try group.leave(request, now: surroundings.now) : try group.heartbeat(request, surroundings)
            return (response, try keep(&group))
        }
        try await waitUntilDurable(kept)
        return response
    }

    /// Takes a member out at the wish of an administrator, who may know only its instance; nil when the group is a classic
    /// one or none. Returns when that is durable.
    func remove(_ member: String, instance: String?, from id: String) async throws -> ErrorCode? {
        do {
            let kept = try state.withLock { state -> Kept?? in
                guard var group = state.consumers.removeValue(forKey: id) else { return nil }
                defer { state.consumers[id] = group }
                try group.remove(member, instance: instance, now: now)
                return .some(try keep(&group))
            }
            guard let kept else { return nil }
            try await waitUntilDurable(kept)
            return ErrorCode.none
        } catch let refusal as GroupRefusal {
            return refusal.code
        }
    }

    /// Appends the records of what has changed. Under the lock, so that they stand in order.
    private func keep(_ group: inout ConsumerGroup) throws -> Kept? {
        let changes = group.takeChanges()
        guard !changes.isEmpty else { return nil }
        do throws(LogError) {
            let appended = try log.append(changes.map(group.record), now: clock.now.milliseconds)
            return (group.id, changes, appended)
        } catch {
            group.putBack(changes)
            throw GroupRefusal(ErrorCode(error), "What has changed cannot be kept.")
        }
    }

    private func waitUntilDurable(_ kept: Kept?) async throws {
        guard let kept else { return }
        let waiter = Waiter<ErrorCode>()
        whenDurable(kept) { waiter.resume(.success($0)) }
        let error = try await RequestClock.waiting { try await waiter.wait() }
        guard error == .none else { throw GroupRefusal(error, "What has changed cannot be kept.") }
    }

    private func whenDurable(_ kept: Kept, _ body: @escaping @Sendable (ErrorCode) -> Void) {
        log.whenDurable(kept.appended) { [self] result in
            if case .success = result { return body(.none) }
            state.withLock { $0.consumers[kept.id]?.putBack(kept.changes) }
            body(.coordinatorNotAvailable)
        }
    }

    /// Takes out silent members and forgets groups that nothing is left of.
    func sweepConsumers(_ now: UInt64) {
        let kept = state.withLock { state in
            state.consumers.values.filter { $0.hasLate(now) }.map(\.id).compactMap { id -> Kept? in
                guard var group = state.consumers.removeValue(forKey: id) else { return nil }
                defer { state.consumers[id] = group }
                group.expire(now)
                // What cannot be kept now is tried again with the next change.
                return try? keep(&group)
            }
        }
        for kept in kept { whenDurable(kept) { _ in } }
        let over = state.withLock { state in
            state.consumers.values.filter {
                $0.emptySince.map { $0 + Self.emptyLifetime <= now } ?? false && state.offsets[$0.id] == nil
            }.map(\.id)
        }
        for id in over { _ = try? bury(id) }
    }

    /// An empty group gives way to a classic one of its name. Errors: as `PartitionLog.append`.
    func becomeClassic(_ id: String) throws {
        if try bury(id) != nil { state.withLock { if $0.offsets[id] != nil { $0.keep(id) } } }
    }

    /// Deletes an empty group; durable on return.
    func forget(_ id: String) async throws -> ErrorCode {
        guard let appended = try bury(id) else { return .none }
        let waiter = Waiter<ErrorCode>()
        log.whenDurable(appended) { result in
            if case .success = result {
                waiter.resume(.success(.none))
            } else {
                waiter.resume(.success(.coordinatorNotAvailable))
            }
        }
        return try await RequestClock.waiting { try await waiter.wait() }
    }

    /// Takes an empty group away; nil when there is none.
    private func bury(_ id: String) throws -> PartitionLog.Appended? {
        try state.withLock { state in
            guard let group = state.consumers[id], group.members.isEmpty else { return nil }
            let appended = try log.append(group.obituary, now: clock.now.milliseconds)
            state.consumers[id] = nil
            return appended
        }
    }

    /// Whether a member may ask for offsets.
    func checkFetch(_ id: String, member: String?, epoch: Int32) -> ErrorCode {
        state.withLock { $0.consumers[id]?.checkFetch(member, epoch: epoch) ?? .none }
    }

    /// Whether a member of the group reads the topic: then its offsets are not deleted.
    func isSubscribed(_ id: String, to topic: String) -> Bool {
        state.withLock { $0.consumers[id].map { !$0.members.isEmpty && $0.topics.contains(topic) } ?? false }
    }
}

extension GroupCoordinator.State {
    /// The group of a heartbeat, taken out to be changed in place; who joins makes it, also of a classic one that is empty.
    fileprivate mutating func takeConsumer(
        _ request: ConsumerGroupHeartbeatRequest,
        now: UInt64
    ) throws(GroupRefusal) -> ConsumerGroup {
        let id = request.groupID
        if let group = consumers.removeValue(forKey: id) { return group }
        guard request.memberEpoch == 0 else {
            throw GroupRefusal(.groupIDNotFound, "There is no group \(id) whose assignments the broker makes.")
        }
        if let classic = groups[id] {
            guard classic.members.isEmpty, classic.pending.isEmpty else {
                throw GroupRefusal(.groupIDNotFound, "The group \(id) is a classic one and has members.")
            }
        }
        return ConsumerGroup(id: id, now: now)
    }

    /// Puts it back; a new one whose first member was refused is none.
    fileprivate mutating func put(_ group: ConsumerGroup) {
        guard group.epoch > 0 else { return }
        groups[group.id] = nil
        consumers[group.id] = group
    }

    /// Takes up what a record of the log says, at a start.
    mutating func apply(_ record: ConsumerGroupRecord) {
        if case .gone = record.content {
            consumers[record.group] = nil
            return
        }
        var group = consumers.removeValue(forKey: record.group) ?? ConsumerGroup(id: record.group, now: 0)
        group.restore(record)
        consumers[record.group] = group
    }
}
