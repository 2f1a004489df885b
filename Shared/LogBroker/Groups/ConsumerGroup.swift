import KafkaProtocol

/// A group whose assignments the broker makes (KIP-848): a pure state machine. Heartbeats and time go in, answers and the
/// records of what has changed come out. A change of the members or their topics raises the group's epoch, for which the
/// assignor makes a target; each member is led there heartbeat by heartbeat: it gives up what it is not to read, which
/// raises its own epoch, and then gets what others have given up. Times are nanoseconds of a monotonic clock.
struct ConsumerGroup: Sendable {
    /// What is kept of a group, by parts that change alone.
    enum Change: Hashable, Sendable {
        case epoch
        case targetEpoch
        case subscription(String)
        case target(String)
        case standing(String)
    }

    let id: String
    private(set) var epoch: Int32 = 0
    /// The epoch that the targets are for.
    private(set) var targetEpoch: Int32 = 0
    private(set) var members: [String: ConsumerMember] = [:]
    private(set) var targets: [String: Assignment] = [:]
    /// Member ids of static members by instance id.
    private(set) var instances: [String: String] = [:]
    /// What is read, or not given up yet.
    private var held: Assignment = []
    /// The topics that members subscribe to.
    var topics = SubscribedTopics()
    /// The state of those topics in this epoch.
    private(set) var topicsHash: Int64 = 0
    /// Since when it has no members.
    private(set) var emptySince: UInt64?
    private var changes: Set<Change> = []

    init(id: String, now: UInt64) {
        self.id = id
        emptySince = now
    }

    /// The name tools know the state by.
    var stateName: String {
        if members.isEmpty { return "Empty" }
        if epoch > targetEpoch { return "Assigning" }
        let isStable = members.values.allSatisfy { $0.standing.isReconciled(to: targetEpoch) }
        return isStable ? "Stable" : "Reconciling"
    }

    /// The assignor that most members ask for.
    var assignor: ServerAssignor {
        var votes: [ServerAssignor: Int] = [:]
        for member in members.values {
            if let choice = member.subscription.assignor.flatMap(ServerAssignor.init) { votes[choice, default: 0] += 1 }
        }
        return votes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .uniform
    }

    func isFree(_ partition: TopicIDPartition) -> Bool { !held.contains(partition) }

    // MARK: Changes

    /// What has changed since the last call.
    mutating func takeChanges() -> Set<Change> {
        defer { changes.removeAll() }
        return changes
    }

    /// What was taken could not be kept: it counts as changed again.
    mutating func putBack(_ taken: Set<Change>) { changes.formUnion(taken) }

    /// Puts a member in its place or changes it.
    mutating func put(_ member: ConsumerMember) {
        let former = members[member.id]
        if former?.subscription != member.subscription {
            changes.insert(.subscription(member.id))
            if let instance = member.subscription.instanceID { instances[instance] = member.id }
        }
        if former?.standing != member.standing {
            changes.insert(.standing(member.id))
            if let former { held.subtract(former.standing.held) }
            held.formUnion(member.standing.held)
        }
        members[member.id] = member
        emptySince = nil
    }

    /// Takes a member out with all that is known of it.
    @discardableResult
    mutating func remove(_ id: String, now: UInt64) -> ConsumerMember? {
        guard let member = members.removeValue(forKey: id) else { return nil }
        held.subtract(member.standing.held)
        if let instance = member.subscription.instanceID, instances[instance] == id { instances[instance] = nil }
        targets[id] = nil
        changes.formUnion([.subscription(id), .target(id), .standing(id)])
        topics.isStale = true
        if members.isEmpty { emptySince = now }
        return member
    }

    mutating func setTarget(_ target: Assignment, of member: String) {
        guard targets[member] != target else { return }
        targets[member] = target
        changes.insert(.target(member))
    }

    mutating func setTargetEpoch(_ value: Int32) {
        targetEpoch = value
        changes.insert(.targetEpoch)
    }

    mutating func raiseEpoch(_ hash: Int64? = nil) {
        epoch += 1
        topicsHash = hash ?? topicsHash
        changes.insert(.epoch)
    }

    mutating func setTopicsHash(_ hash: Int64) {
        guard topicsHash != hash else { return }
        topicsHash = hash
        changes.insert(.epoch)
    }

    // MARK: Coming back

    /// Takes up what a record of the log says, at a start.
    mutating func restore(_ record: ConsumerGroupRecord) {
        switch record.content {
        case .epoch(let value, let hash): (epoch, topicsHash) = (value, hash)
        case .targetEpoch(let value): targetEpoch = value
        case .subscription(let member, let subscription?):
            var restored = members[member] ?? ConsumerMember(id: member, subscription: subscription)
            restored.subscription = subscription
            put(restored)
        case .subscription(let member, nil): remove(member, now: emptySince ?? 0)
        case .target(let member, let target): targets[member] = target
        case .standing(let member, let standing?):
            var restored = members[member] ?? ConsumerMember(id: member, subscription: .init())
            restored.standing = standing
            put(restored)
        case .standing(let member, nil):
            guard var restored = members[member] else { break }
            restored.standing = MemberStanding()
            put(restored)
        case .gone: self = ConsumerGroup(id: id, now: emptySince ?? 0)
        }
        changes.removeAll()
    }

    /// The members are heard of again from now on.
    mutating func resume(now: UInt64, sessionTimeout: UInt64) {
        for id in members.keys {
            members[id]?.expiry = now + sessionTimeout
            members[id]?.setRevocationDeadline(now)
        }
        emptySince = members.isEmpty ? now : nil
    }
}
