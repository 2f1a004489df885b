import KafkaProtocol

/// Why a request of a member is not granted.
struct GroupRefusal: Error {
    let code: ErrorCode
    let message: String

    init(_ code: ErrorCode, _ message: String) { (self.code, self.message) = (code, message) }
}

/// What a heartbeat is judged by, beside the group itself.
struct GroupSurroundings {
    let settings: ConsumerGroupSettings
    let catalog: TopicCatalog
    let client: GroupClient
    /// Whether the client may know of a topic.
    let mayDescribe: (String) -> Bool
    /// Nanoseconds of a monotonic clock.
    let now: UInt64
}

/// The members' heartbeats: how they join, stay, change their subscription and leave.
extension ConsumerGroup {
    /// Takes a heartbeat of a member that joins or stays. Errors: GroupRefusal; then nothing has changed.
    mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest,
        _ surroundings: GroupSurroundings
    ) throws(GroupRefusal) -> ConsumerGroupHeartbeatResponse {
        let owned = request.topicPartitions.map { Assignment($0) }
        var member = try admitted(request, owned, surroundings)
        let before = member
        member.subscription.update(request, surroundings.client)
        let hasNewTopics =
            member.subscription.topics != before.subscription.topics
            || member.subscription.expression != before.subscription.expression
        if hasNewTopics { topics.isStale = true }
        let isNew = members[member.id] == nil
        put(member)
        refresh(surroundings, isChanged: isNew || hasNewTopics)
        member.standing = member.standing.step(
            to: targets[member.id] ?? [],
            of: targetEpoch,
            owned: owned,
            isFree: isFree
        )
        if member.standing != before.standing { member.setRevocationDeadline(surroundings.now) }
        member.expiry = surroundings.now + surroundings.settings.sessionTimeoutNanoseconds
        put(member)
        let isFull =
            request.memberEpoch == 0
            || request.rebalanceTimeoutMs != -1 && request.topicPartitions != nil
                && (request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil)
        let tells = isFull || member.standing.assigned != before.standing.assigned
        return ConsumerGroupHeartbeatResponse(
            memberID: member.id,
            memberEpoch: member.standing.epoch,
            heartbeatIntervalMs: Int32(clamping: surroundings.settings.heartbeatInterval),
            assignment: tells ? .init(member.standing.assigned) : nil
        )
    }

    /// The member that the heartbeat is of, or a new one.
    private mutating func admitted(
        _ request: ConsumerGroupHeartbeatRequest,
        _ owned: Assignment?,
        _ surroundings: GroupSurroundings
    ) throws(GroupRefusal) -> ConsumerMember {
        let id = request.memberID
        let limit = surroundings.settings.maximumSize
        guard members.count < limit || members[id] != nil else {
            throw GroupRefusal(.groupMaxSizeReached, "The group has \(limit) members, as many as it may have.")
        }
        if let instance = request.instanceID {
            guard let former = instances[instance].flatMap({ members[$0] }) else {
                guard request.memberEpoch == 0 else {
                    throw GroupRefusal(.unknownMemberID, "Nobody in the group has the instance id \(instance).")
                }
                return members[id] ?? ConsumerMember(id: id, subscription: .init())
            }
            if request.memberEpoch == 0 { return try replacement(of: former, with: id, instance, surroundings.now) }
            try checkInstance(instance, of: former, id)
            try check(request.memberEpoch, of: former, owned)
            return former
        }
        guard let member = members[id] else {
            guard request.memberEpoch == 0 else { throw unknown(id) }
            return ConsumerMember(id: id, subscription: .init())
        }
        try check(request.memberEpoch, of: member, owned)
        return member
    }

    /// A static member that had left for a while is back under a new id: it takes its place over.
    private mutating func replacement(
        of former: ConsumerMember,
        with id: String,
        _ instance: String,
        _ now: UInt64
    ) throws(GroupRefusal) -> ConsumerMember {
        guard former.standing.epoch == MemberStanding.awayEpoch else {
            let text = "The instance id \(instance) belongs to the member \(former.id), which has not left."
            throw GroupRefusal(.unreleasedInstanceID, text)
        }
        let target = targets[former.id] ?? []
        remove(former.id, now: now)
        var member = ConsumerMember(id: id, subscription: former.subscription, standing: former.standing)
        member.standing.epoch = 0
        member.standing.previousEpoch = 0
        put(member)
        setTarget(target, of: id)
        topics.isStale = true
        return member
    }

    /// A member without a new answer may be one epoch behind, if it reads nothing that it may not.
    private func check(_ epoch: Int32, of member: ConsumerMember, _ owned: Assignment?) throws(GroupRefusal) {
        let known = member.standing
        guard epoch != known.epoch else { return }
        let isLate = epoch < known.epoch && epoch == known.previousEpoch
        guard isLate, let owned, owned.isSubset(of: known.assigned) else {
            let text = "The member has epoch \(epoch), the coordinator knows of \(known.epoch): it has to join again."
            throw GroupRefusal(.fencedMemberEpoch, text)
        }
    }

    private func checkInstance(_ instance: String, of member: ConsumerMember, _ id: String) throws(GroupRefusal) {
        guard member.id != id else { return }
        throw GroupRefusal(.fencedInstanceID, "The instance id \(instance) belongs to the member \(member.id).")
    }

    private func unknown(_ id: String) -> GroupRefusal {
        GroupRefusal(.unknownMemberID, "The group has no member \(id).")
    }

    /// Takes a member out at its own wish (epoch -1); a static one may say that it will be back (-2).
    mutating func leave(_ request: ConsumerGroupHeartbeatRequest, now: UInt64) throws(GroupRefusal)
        -> ConsumerGroupHeartbeatResponse
    {
        let answer = ConsumerGroupHeartbeatResponse(memberID: request.memberID, memberEpoch: request.memberEpoch)
        guard let instance = request.instanceID else {
            guard members[request.memberID] != nil else { throw unknown(request.memberID) }
            fence(request.memberID, now: now)
            return answer
        }
        guard var member = instances[instance].flatMap({ members[$0] }) else {
            throw GroupRefusal(.unknownMemberID, "Nobody in the group has the instance id \(instance).")
        }
        try checkInstance(instance, of: member, request.memberID)
        if request.memberEpoch == MemberStanding.awayEpoch {
            member.standing.epoch = MemberStanding.awayEpoch
            member.standing.revoking = []
            member.revocationDeadline = nil
            put(member)
        } else {
            fence(member.id, now: now)
        }
        return answer
    }

    /// Takes a member out at the wish of an administrator, who may know only its instance.
    mutating func remove(_ memberID: String, instance: String?, now: UInt64) throws(GroupRefusal) {
        var id = memberID
        if let instance {
            guard let known = instances[instance].flatMap({ members[$0] }) else { throw unknown(memberID) }
            if !memberID.isEmpty { try checkInstance(instance, of: known, memberID) }
            id = known.id
        }
        guard members[id] != nil else { throw unknown(id) }
        fence(id, now: now)
    }

    private mutating func fence(_ id: String, now: UInt64) {
        remove(id, now: now)
        raiseEpoch()
    }

    /// Whether somebody was silent for too long or did not give up its partitions in time.
    func hasLate(_ now: UInt64) -> Bool { members.values.contains { $0.isLate(now) } }

    /// Takes out who was.
    mutating func expire(_ now: UInt64) {
        for id in members.values.filter({ $0.isLate(now) }).map(\.id) { fence(id, now: now) }
    }

    /// Whether a member may commit offsets, by OffsetCommit of this version or with a transaction (nil).
    func checkCommit(_ memberID: String, epoch: Int32, version: Int16?) -> ErrorCode {
        if epoch < 0, members.isEmpty { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        if let version, version < Self.firstCommitVersion { return .unsupportedVersion }
        if epoch == member.standing.epoch { return .none }
        return version == nil ? .illegalGeneration : .staleMemberEpoch
    }

    /// The first version of OffsetCommit whose clients know of member epochs.
    private static let firstCommitVersion: Int16 = 9

    /// Whether a member may ask for offsets; nobody asks by a null id.
    func checkFetch(_ memberID: String?, epoch: Int32) -> ErrorCode {
        if memberID == nil, epoch < 0 { return .none }
        guard let member = memberID.flatMap({ members[$0] }) else { return .unknownMemberID }
        return epoch == member.standing.epoch ? .none : .staleMemberEpoch
    }
}

/// The targets.
extension ConsumerGroup {
    /// Looks at the topics again if they or the subscriptions have changed, and makes the targets of a new epoch.
    private mutating func refresh(_ surroundings: GroupSurroundings, isChanged: Bool) {
        if isChanged || !topics.isCurrent(surroundings.catalog) {
            topics.update(
                members.values.lazy.map(\.subscription),
                from: surroundings.catalog,
                mayDescribe: surroundings.mayDescribe
            )
            let hash = topics.hash
            if isChanged || hash != topicsHash && epoch == targetEpoch {
                raiseEpoch(hash)
            } else {
                setTopicsHash(hash)
            }
        }
        if epoch > targetEpoch { assign() }
    }

    private mutating func assign() {
        let sorted = members.values.sorted { $0.id < $1.id }
        let readers = sorted.map {
            ServerAssignor.Member(
                id: $0.id,
                instanceID: $0.subscription.instanceID,
                topics: topics.topics(of: $0.subscription),
                target: targets[$0.id] ?? []
            )
        }
        let assigned = assignor.assign(readers, partitions: topics.partitions)
        for (reader, target) in zip(readers, assigned) { setTarget(target, of: reader.id) }
        setTargetEpoch(epoch)
    }
}

extension ConsumerGroupHeartbeatResponse.Assignment {
    init(_ assignment: Assignment) {
        self.init(topicPartitions: assignment.byTopic.map { .init(topicID: $0.topic, partitions: $0.partitions) })
    }
}
