import KafkaProtocol

/// The classic group protocol for one group (KIP-62, KIP-345, KIP-394): a pure state machine. Requests and time go in,
/// replies come out of `takeReplies`; who waits for a reply is known by the token given with the request. Times are
/// nanoseconds of a monotonic clock. Protocol metadata and assignments are opaque: Connect and Streams work too.
struct ClassicGroup: Sendable {
    /// Most members of one group.
    static let maximumMembers = 10_000

    enum Phase: Sendable, Equatable {
        /// No members; offsets may be kept.
        case empty
        /// Members are asked to join again, until all have or the deadline comes.
        case preparing(deadline: UInt64)
        /// The leader is asked for the assignment.
        case completing
        /// Every member has its assignment.
        case stable
    }

    let id: String
    var phase = Phase.empty
    var generation: Int32 = 0
    var protocolType: String?
    var protocolName: String?
    var leader: String?
    var members: [String: ClassicMember] = [:]
    /// Ids given out that have not joined yet, with when they lapse (KIP-394).
    var pending: [String: UInt64] = [:]
    /// Member ids of static members by instance id.
    var instances: [String: String] = [:]
    private var joinCount: UInt64 = 0
    private var replies: [Reply] = []

    enum Reply: Sendable {
        case joined(token: UInt64, JoinOutcome)
        case synchronized(token: UInt64, SyncOutcome)
    }

    init(id: String) { self.id = id }

    /// The name tools know the state by.
    var stateName: String {
        switch phase {
        case .empty: "Empty"
        case .preparing: "PreparingRebalance"
        case .completing: "CompletingRebalance"
        case .stable: "Stable"
        }
    }

    /// The replies that have become due.
    mutating func takeReplies() -> [Reply] {
        defer { replies.removeAll() }
        return replies
    }

    mutating func reply(_ reply: Reply) { replies.append(reply) }

    /// A number that orders members by when they came.
    mutating func nextJoin() -> UInt64 {
        joinCount += 1
        return joinCount
    }

    /// The member a request is about, checked against its generation and static id.
    func check(_ memberID: String, instance: String?, generation asked: Int32) -> ErrorCode {
        if let instance {
            guard let known = instances[instance] else { return .unknownMemberID }
            guard known == memberID else { return .fencedInstanceID }
        }
        guard members[memberID] != nil else { return .unknownMemberID }
        return asked == generation ? .none : .illegalGeneration
    }

    mutating func heartbeat(_ memberID: String, instance: String?, generation: Int32, now: UInt64) -> ErrorCode {
        let error = check(memberID, instance: instance, generation: generation)
        guard error == .none else { return error }
        members[memberID]?.renew(now)
        if case .preparing = phase { return .rebalanceInProgress }
        return .none
    }

    /// Whether a commit of offsets may be taken; generation -1 without a member is a client that assigns by itself.
    mutating func checkCommit(_ memberID: String, instance: String?, generation asked: Int32, now: UInt64) -> ErrorCode
    {
        if asked < 0, memberID.isEmpty, instance == nil {
            return members.isEmpty ? .none : .unknownMemberID
        }
        if members.isEmpty, asked < 0 { return .none }
        let error = check(memberID, instance: instance, generation: asked)
        guard error == .none else { return error }
        members[memberID]?.renew(now)
        return phase == .completing ? .rebalanceInProgress : .none
    }

    /// Takes a member out at its own wish; static members are named by their instance.
    mutating func leave(_ memberID: String, instance: String?, now: UInt64) -> ErrorCode {
        var memberID = memberID
        if let instance {
            guard let known = instances[instance] else { return .unknownMemberID }
            guard memberID.isEmpty || memberID == known else { return .fencedInstanceID }
            memberID = known
        }
        if pending.removeValue(forKey: memberID) != nil {
            advance(now)
            return .none
        }
        guard members[memberID] != nil else { return .unknownMemberID }
        remove(memberID, now: now)
        return .none
    }

    /// Removes members that were silent for too long and ends a rebalance that lasted too long.
    mutating func expire(_ now: UInt64) {
        pending = pending.filter { $0.value > now }
        for (id, member) in members where member.joinToken == nil && member.expiry <= now { remove(id, now: now) }
        advance(now)
    }

    mutating func remove(_ memberID: String, now: UInt64) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        if let instance = member.instanceID, instances[instance] == memberID { instances[instance] = nil }
        if let token = member.joinToken { reply(.joined(token: token, .failed(.unknownMemberID, memberID))) }
        if let token = member.syncToken { reply(.synchronized(token: token, .failed(.unknownMemberID))) }
        if leader == memberID { leader = nil }
        rebalance(now)
    }
}

/// A member of a group.
struct ClassicMember: Sendable {
    let id: String
    var instanceID: String?
    var clientID: String
    var clientHost: String
    /// Nanoseconds.
    var sessionTimeout: UInt64
    var rebalanceTimeout: UInt64
    var protocols: [GroupProtocol]
    var assignment: [UInt8] = []
    var expiry: UInt64 = 0
    /// When it came, for a stable order.
    var order: UInt64 = 0
    /// The join request that waits for the rebalance.
    var joinToken: UInt64?
    /// The sync request that waits for the assignment.
    var syncToken: UInt64?

    mutating func renew(_ now: UInt64) { expiry = now + sessionTimeout }

    func metadata(_ name: String?) -> [UInt8] { protocols.first { $0.name == name }?.metadata ?? [] }
}

/// A way of assigning that a member knows, with what it tells the leader for it.
struct GroupProtocol: Sendable, Equatable {
    let name: String
    let metadata: [UInt8]
}

/// The answer to a join.
struct JoinOutcome: Sendable {
    struct Member: Sendable {
        let id: String
        let instanceID: String?
        let metadata: [UInt8]
    }

    var error = ErrorCode.none
    var generation: Int32 = -1
    var protocolType: String?
    var protocolName: String?
    var leader = ""
    var memberID = ""
    /// Filled for the leader only.
    var members: [Member] = []

    static func failed(_ error: ErrorCode, _ memberID: String) -> JoinOutcome {
        JoinOutcome(error: error, memberID: memberID)
    }
}

/// The answer to a sync.
struct SyncOutcome: Sendable {
    var error = ErrorCode.none
    var protocolType: String?
    var protocolName: String?
    var assignment: [UInt8] = []

    static func failed(_ error: ErrorCode) -> SyncOutcome { SyncOutcome(error: error) }
}
