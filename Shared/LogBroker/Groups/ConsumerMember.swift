import KafkaProtocol

/// A member of a group whose assignments the broker makes (KIP-848).
struct ConsumerMember: Sendable {
    let id: String
    var subscription: MemberSubscription
    var standing = MemberStanding()
    /// When it is taken out unless it is heard of, nanoseconds of a monotonic clock.
    var expiry: UInt64 = 0
    /// When it is taken out unless it has given up what it has to.
    var revocationDeadline: UInt64?

    func isLate(_ now: UInt64) -> Bool { expiry <= now || revocationDeadline.map { $0 <= now } ?? false }

    /// While it has partitions to give up, it has as long as it has asked for.
    mutating func setRevocationDeadline(_ now: UInt64) {
        let timeout = UInt64(max(0, subscription.rebalanceTimeout)) * 1_000_000
        revocationDeadline = standing.state == .unrevoked ? now + timeout : nil
    }
}

/// What a member has said of itself.
struct MemberSubscription: Sendable, Equatable {
    var instanceID: String?
    var rackID: String?
    var clientID = ""
    var clientHost = ""
    var topics: Set<String> = []
    /// Names of topics that it reads too; empty or nil: none.
    var expression: String?
    /// Milliseconds.
    var rebalanceTimeout: Int32 = -1
    var assignor: String?

    /// Takes over what a heartbeat says; what it leaves out is as before.
    mutating func update(_ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient) {
        instanceID = request.instanceID ?? instanceID
        rackID = request.rackID ?? rackID
        if request.rebalanceTimeoutMs != -1 { rebalanceTimeout = request.rebalanceTimeoutMs }
        if let names = request.subscribedTopicNames { topics = Set(names) }
        expression = request.subscribedTopicRegex ?? expression
        assignor = request.serverAssignor ?? assignor
        clientID = client.id
        clientHost = client.host
    }
}

/// How far a member has come on the way to its target.
struct MemberStanding: Sendable, Equatable {
    /// Raw values are those of Apache Kafka's records.
    enum State: Int8, Sendable {
        /// It reads what it was to read in its epoch.
        case stable = 0
        /// It has to give up partitions first.
        case unrevoked = 1
        /// It waits for partitions that others still read.
        case unreleased = 2
    }

    /// The epoch of a static member that will be back.
    static let awayEpoch: Int32 = -2

    var epoch: Int32 = 0
    /// The one before: the answer that told of a new one may have been lost.
    var previousEpoch: Int32 = 0
    var state = State.stable
    /// What it may read.
    var assigned: Assignment = []
    /// What it has to give up.
    var revoking: Assignment = []

    /// Everything that nobody else may read yet.
    var held: Assignment { revoking.isEmpty ? assigned : assigned.union(revoking) }

    func isReconciled(to targetEpoch: Int32) -> Bool { state == .stable && epoch == targetEpoch }

    /// The next step to the target. `owned` is what the member says that it reads, nil when it says nothing.
    func step(
        to target: Assignment,
        of targetEpoch: Int32,
        owned: Assignment?,
        isFree: (TopicIDPartition) -> Bool
    ) -> MemberStanding {
        switch state {
        case .stable where epoch == targetEpoch: return self
        case .stable, .unreleased: break
        case .unrevoked:
            guard let owned, owned.isDisjoint(with: revoking) else { return self }
            var done = self
            done.epoch += 1
            return done.next(to: target, of: targetEpoch, owned: owned, before: epoch, isFree: isFree)
        }
        return next(to: target, of: targetEpoch, owned: owned, before: epoch, isFree: isFree)
    }

    private func next(
        to target: Assignment,
        of targetEpoch: Int32,
        owned: Assignment?,
        before: Int32,
        isFree: (TopicIDPartition) -> Bool
    ) -> MemberStanding {
        let kept = assigned.intersection(target)
        let surplus = assigned.subtracting(kept)
        let wanted = target.subtracting(kept)
        let free = wanted.filter(isFree)
        var next = self
        next.previousEpoch = before
        let mustRevoke = !surplus.isEmpty && !(owned.map { $0.isDisjoint(with: surplus) } ?? false)
        if mustRevoke {
            next.state = .unrevoked
            (next.assigned, next.revoking) = (kept, surplus)
        } else {
            next.epoch = targetEpoch
            next.state = free.count < wanted.count ? .unreleased : .stable
            (next.assigned, next.revoking) = (kept.union(free), [])
        }
        return next
    }
}

/// Where a request comes from.
struct GroupClient: Sendable {
    let id: String
    let host: String
}
