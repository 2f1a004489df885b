import KafkaProtocol

/// Joining and rebalancing.
extension ClassicGroup {
    struct JoinRequest: Sendable {
        var memberID: String
        var instanceID: String?
        var clientID: String
        var clientHost: String
        /// Nanoseconds.
        var sessionTimeout: UInt64
        var rebalanceTimeout: UInt64
        var protocolType: String
        var protocols: [GroupProtocol]
        /// Whether a new member first gets an id and joins again with it.
        var requiresKnownID: Bool
        /// The id for a member that has none.
        var newMemberID: String
    }

    /// Takes a join; the reply comes under `token`, now or when the rebalance is over.
    mutating func join(_ request: JoinRequest, token: UInt64, now: UInt64) {
        guard isCompatible(request) else {
            return reply(.joined(token: token, .failed(.inconsistentGroupProtocol, request.memberID)))
        }
        if request.memberID.isEmpty {
            joinWithoutID(request, token: token, now: now)
        } else if pending.removeValue(forKey: request.memberID) != nil {
            add(request, id: request.memberID, token: token, now: now)
        } else {
            joinAgain(request, token: token, now: now)
        }
    }

    private func isCompatible(_ request: JoinRequest) -> Bool {
        guard !request.protocolType.isEmpty, !request.protocols.isEmpty else { return false }
        let others = members.values.filter {
            $0.id != request.memberID && $0.instanceID.map { $0 != request.instanceID } ?? true
        }
        guard !others.isEmpty else { return true }
        guard protocolType == nil || protocolType == request.protocolType else { return false }
        return request.protocols.contains { offered in
            others.allSatisfy { $0.protocols.contains { $0.name == offered.name } }
        }
    }

    private mutating func joinWithoutID(_ request: JoinRequest, token: UInt64, now: UInt64) {
        guard members.count + pending.count < Self.maximumMembers else {
            return reply(.joined(token: token, .failed(.groupMaxSizeReached, "")))
        }
        if let instance = request.instanceID, let old = instances[instance] {
            return replace(old, with: request, instance: instance, token: token, now: now)
        }
        if request.requiresKnownID, request.instanceID == nil {
            pending[request.newMemberID] = now + request.sessionTimeout
            return reply(.joined(token: token, .failed(.memberIDRequired, request.newMemberID)))
        }
        add(request, id: request.newMemberID, token: token, now: now)
    }

    /// A static member came back under a new id: it keeps its place and, if unchanged, its assignment (KIP-345).
    private mutating func replace(
        _ old: String,
        with request: JoinRequest,
        instance: String,
        token: UInt64,
        now: UInt64
    ) {
        guard let former = members.removeValue(forKey: old) else { return }
        if let waiting = former.joinToken { reply(.joined(token: waiting, .failed(.fencedInstanceID, old))) }
        if let waiting = former.syncToken { reply(.synchronized(token: waiting, .failed(.fencedInstanceID))) }
        var member = member(request, id: request.newMemberID, now: now)
        member.assignment = former.assignment
        member.order = former.order
        instances[instance] = member.id
        let wasLeader = leader == old
        if wasLeader { leader = member.id }
        let isUnchanged = former.metadata(protocolName) == member.metadata(protocolName)
        members[member.id] = member
        if phase == .stable, isUnchanged {
            // Named as a follower, the former leader does not assign again.
            var outcome = outcome(for: member)
            if wasLeader { outcome.leader = old }
            outcome.members = []
            return reply(.joined(token: token, outcome))
        }
        members[member.id]?.joinToken = token
        rebalance(now)
    }

    private mutating func joinAgain(_ request: JoinRequest, token: UInt64, now: UInt64) {
        if let instance = request.instanceID, let known = instances[instance], known != request.memberID {
            return reply(.joined(token: token, .failed(.fencedInstanceID, request.memberID)))
        }
        guard let member = members[request.memberID] else {
            return reply(.joined(token: token, .failed(.unknownMemberID, request.memberID)))
        }
        let isUnchanged = member.protocols == request.protocols
        let keepsGeneration =
            switch phase {
            case .completing: isUnchanged
            case .stable: isUnchanged && leader != member.id
            case .preparing, .empty: false
            }
        if keepsGeneration {
            members[member.id]?.renew(now)
            return reply(.joined(token: token, outcome(for: member)))
        }
        if let earlier = member.joinToken { reply(.joined(token: earlier, .failed(.rebalanceInProgress, member.id))) }
        var renewed = self.member(request, id: member.id, now: now)
        renewed.assignment = member.assignment
        renewed.order = member.order
        renewed.joinToken = token
        renewed.syncToken = member.syncToken
        members[member.id] = renewed
        rebalance(now)
    }

    private mutating func add(_ request: JoinRequest, id: String, token: UInt64, now: UInt64) {
        var member = member(request, id: id, now: now)
        member.order = nextJoin()
        member.joinToken = token
        members[id] = member
        if let instance = request.instanceID { instances[instance] = id }
        protocolType = request.protocolType
        rebalance(now)
    }

    private func member(_ request: JoinRequest, id: String, now: UInt64) -> ClassicMember {
        var member = ClassicMember(
            id: id,
            instanceID: request.instanceID,
            clientID: request.clientID,
            clientHost: request.clientHost,
            sessionTimeout: request.sessionTimeout,
            rebalanceTimeout: request.rebalanceTimeout,
            protocols: request.protocols
        )
        member.renew(now)
        return member
    }

    /// Asks all members to join again.
    mutating func rebalance(_ now: UInt64) {
        if case .preparing = phase {
            advance(now)
            return
        }
        for (id, member) in members {
            guard let token = member.syncToken else { continue }
            reply(.synchronized(token: token, .failed(.rebalanceInProgress)))
            members[id]?.syncToken = nil
        }
        let longest = members.values.map(\.rebalanceTimeout).max() ?? 0
        phase = .preparing(deadline: now + longest)
        advance(now)
    }

    /// Ends the rebalance when all have joined or its time is over.
    mutating func advance(_ now: UInt64) {
        guard case .preparing(let deadline) = phase else { return }
        let haveAllJoined = pending.isEmpty && members.values.allSatisfy { $0.joinToken != nil }
        guard haveAllJoined || now >= deadline else { return }
        for (id, member) in members where member.joinToken == nil && member.instanceID == nil {
            members[id] = nil
            if leader == id { leader = nil }
        }
        generation = generation == .max ? 1 : generation + 1
        guard !members.isEmpty else {
            phase = .empty
            protocolName = nil
            leader = nil
            return
        }
        protocolName = chosenProtocol()
        if leader.flatMap({ members[$0] }) == nil { leader = members.values.min { $0.order < $1.order }?.id }
        phase = .completing
        for (id, member) in members {
            guard let token = member.joinToken else { continue }
            members[id]?.joinToken = nil
            members[id]?.renew(now)
            reply(.joined(token: token, outcome(for: member)))
        }
    }

    /// The protocol that most members like best among those that all know.
    private func chosenProtocol() -> String? {
        let ordered = members.values.sorted { $0.order < $1.order }
        let common = (ordered.first?.protocols ?? []).map(\.name).filter { name in
            ordered.allSatisfy { $0.protocols.contains { $0.name == name } }
        }
        var votes: [String: Int] = [:]
        for member in ordered {
            if let favourite = member.protocols.first(where: { common.contains($0.name) }) {
                votes[favourite.name, default: 0] += 1
            }
        }
        return common.max { votes[$0, default: 0] < votes[$1, default: 0] }
    }

    private func outcome(for member: ClassicMember) -> JoinOutcome {
        var outcome = JoinOutcome(
            generation: generation,
            protocolType: protocolType,
            protocolName: protocolName,
            leader: leader ?? "",
            memberID: member.id
        )
        if leader == member.id {
            outcome.members = members.values.sorted { $0.order < $1.order }.map {
                .init(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(protocolName))
            }
        }
        return outcome
    }
}
