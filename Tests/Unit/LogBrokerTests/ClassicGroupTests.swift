import KafkaProtocol
import Testing

@testable import LogBroker

/// The state machine under a clock of the test's own.
struct ClassicGroupTests {
    private static let second: UInt64 = 1_000_000_000
    private var group = ClassicGroup(id: "g")
    private var tokens: UInt64 = 0
    private var joined: [UInt64: JoinOutcome] = [:]
    private var synchronized: [UInt64: SyncOutcome] = [:]

    private mutating func collect() {
        for reply in group.takeReplies() {
            switch reply {
            case .joined(let token, let outcome): joined[token] = outcome
            case .synchronized(let token, let outcome): synchronized[token] = outcome
            }
        }
    }

    private mutating func join(
        _ id: String = "",
        new: String = "",
        instance: String? = nil,
        requiresID: Bool = false,
        protocols: [String] = ["range"],
        metadata: [UInt8] = [1],
        at now: UInt64 = 0
    ) -> UInt64 {
        tokens += 1
        let request = ClassicGroup.JoinRequest(
            memberID: id,
            instanceID: instance,
            clientID: "c",
            clientHost: "/127.0.0.1",
            sessionTimeout: 10 * Self.second,
            rebalanceTimeout: 30 * Self.second,
            protocolType: "consumer",
            protocols: protocols.map { GroupProtocol(name: $0, metadata: metadata) },
            requiresKnownID: requiresID,
            newMemberID: new
        )
        group.join(request, token: tokens, now: now)
        collect()
        return tokens
    }

    private mutating func sync(_ id: String, _ assignments: [String: [UInt8]] = [:], at now: UInt64 = 0) -> UInt64 {
        tokens += 1
        let generation = group.generation
        group.synchronize(
            id,
            instance: nil,
            generation: generation,
            assignments: assignments,
            token: tokens,
            now: now
        )
        collect()
        return tokens
    }

    /// Two members, `a` the leader, with assignments.
    private mutating func makeStablePair() {
        _ = join(new: "a")
        _ = join(new: "b")
        _ = join("a")
        _ = sync("b")
        _ = sync("a", ["a": [10], "b": [20]])
    }

    @Test mutating func `the first member leads a group of one`() {
        let token = join(new: "a")
        #expect(joined[token]?.leader == "a" && joined[token]?.generation == 1)
        #expect(joined[token]?.members.map(\.id) == ["a"])
        let sync = sync("a", ["a": [7]])
        #expect(synchronized[sync]?.assignment == [7])
        #expect(group.phase == .stable)
    }

    @Test mutating func `a second member waits until the first has joined again`() {
        _ = join(new: "a")
        let second = join(new: "b")
        #expect(joined[second] == nil)
        #expect(group.heartbeat("a", instance: nil, generation: 1, now: 0) == .rebalanceInProgress)
        let first = join("a")
        #expect(joined[first]?.members.map(\.id) == ["a", "b"])
        #expect(joined[second]?.members.isEmpty == true && joined[second]?.generation == 2)
    }

    @Test mutating func `followers get their assignment when the leader has sent it`() {
        _ = join(new: "a")
        _ = join(new: "b")
        _ = join("a")
        let follower = sync("b")
        #expect(synchronized[follower] == nil)
        let leader = sync("a", ["a": [10], "b": [20]])
        #expect(synchronized[leader]?.assignment == [10] && synchronized[follower]?.assignment == [20])
    }

    @Test mutating func `a new client that knows how gets an id first`() {
        let first = join(new: "a", requiresID: true)
        #expect(joined[first]?.error == .memberIDRequired && joined[first]?.memberID == "a")
        let second = join("a", requiresID: true)
        #expect(joined[second]?.error == ErrorCode.none)
    }

    @Test mutating func `a silent member is removed and its partitions are assigned again`() {
        makeStablePair()
        #expect(group.heartbeat("a", instance: nil, generation: 2, now: 9 * Self.second) == .none)
        group.expire(11 * Self.second)
        collect()
        #expect(group.members.keys.sorted() == ["a"])
        #expect(group.heartbeat("a", instance: nil, generation: 2, now: 11 * Self.second) == .rebalanceInProgress)
    }

    @Test mutating func `a rebalance goes on without members that do not join again in time`() {
        makeStablePair()
        let token = join(new: "c", at: Self.second)
        #expect(joined[token] == nil)
        group.expire(32 * Self.second)
        collect()
        #expect(joined[token]?.members.map(\.id) == ["c"])
    }

    @Test mutating func `a static member that comes back keeps its assignment without a rebalance`() {
        _ = join(new: "a", instance: "i")
        _ = sync("a", ["a": [9]])
        let token = join(new: "b", instance: "i", at: Self.second)
        #expect(joined[token]?.error == ErrorCode.none && joined[token]?.generation == 1)
        let again = sync("b")
        #expect(synchronized[again]?.assignment == [9])
        #expect(group.heartbeat("a", instance: "i", generation: 1, now: 0) == .fencedInstanceID)
    }

    @Test mutating func `members without a common protocol are refused`() {
        _ = join(new: "a", protocols: ["range"])
        let token = join(new: "b", protocols: ["sticky"])
        #expect(joined[token]?.error == .inconsistentGroupProtocol)
    }

    @Test mutating func `commits are taken from members of this generation and from lone clients only`() {
        #expect(group.checkCommit("", instance: nil, generation: -1, now: 0) == .none)
        makeStablePair()
        #expect(group.checkCommit("", instance: nil, generation: -1, now: 0) == .unknownMemberID)
        #expect(group.checkCommit("a", instance: nil, generation: 1, now: 0) == .illegalGeneration)
        #expect(group.checkCommit("a", instance: nil, generation: 2, now: 0) == .none)
        #expect(group.checkCommit("z", instance: nil, generation: 2, now: 0) == .unknownMemberID)
    }

    @Test mutating func `the last member to leave leaves the group empty`() {
        makeStablePair()
        #expect(group.leave("b", instance: nil, now: 0) == .none)
        #expect(group.leave("a", instance: nil, now: 0) == .none)
        #expect(group.phase == .empty && group.members.isEmpty)
        #expect(group.leave("a", instance: nil, now: 0) == .unknownMemberID)
    }
}
