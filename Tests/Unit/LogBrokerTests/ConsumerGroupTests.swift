import KafkaProtocol
import Testing

@testable import LogBroker

/// Groups whose assignments the broker makes (KIP-848), under a clock of the test's own.
struct ConsumerGroupTests {
    private var bench = ConsumerGroupBench()

    private func refusal(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? GroupRefusal)?.code
        }
    }

    @Test mutating func `the first member gets every partition at once`() throws {
        let answer = try bench.join("a")
        #expect(answer.memberEpoch == 1)
        #expect(answer.assignment?.topicPartitions.first?.partitions == [0, 1, 2, 3, 4, 5])
        #expect(bench.group.stateName == "Stable")
        #expect(try bench.beat("a", 1).assignment == nil)
    }

    @Test mutating func `a second member gets nothing before the first has given it up`() throws {
        _ = try bench.join("a")
        #expect(try bench.join("b").assignment?.topicPartitions.isEmpty == true)
        #expect(bench.epoch("b") == 2)
        let told = try bench.beat("a", 1)
        #expect(told.memberEpoch == 1, "it stays in its epoch until it has given up")
        let kept = bench.assigned("a")
        #expect(kept.count == 3)
        #expect(try bench.beat("b", 2).assignment == nil)
        _ = try bench.beat("a", 1, owned: bench.assigned("a").union(bench.group.members["a"]?.standing.revoking ?? []))
        #expect(bench.epoch("a") == 1, "it still reads them")
        #expect(try bench.beat("a", 1, owned: kept).memberEpoch == 2)
        #expect(try bench.beat("b", 2).assignment?.topicPartitions.first?.partitions.count == 3)
        #expect(bench.assigned("a").isDisjoint(with: bench.assigned("b")))
        #expect(bench.group.stateName == "Stable")
    }

    @Test mutating func `no partition is ever assigned twice and none is left over`() throws {
        for member in ["a", "b", "c"] {
            _ = try bench.join(member)
            try bench.settle()
        }
        #expect(["a", "b", "c"].map { bench.assigned($0).count } == [2, 2, 2])
        try bench.leave("b")
        #expect(bench.group.stateName == "Assigning")
        try bench.settle()
        #expect(bench.assigned("a").union(bench.assigned("c")).count == 6)
        #expect(bench.assigned("a").count == 3)
    }

    @Test mutating func `a member whose answer was lost goes on, one with a wrong epoch has to join again`() throws {
        _ = try bench.join("a")
        _ = try bench.join("b")
        let owned = bench.assigned("a")
        _ = try bench.beat("a", 1)
        _ = try bench.beat("a", 1, owned: bench.assigned("a"))
        #expect(bench.epoch("a") == 2)
        #expect(try bench.beat("a", 1, owned: bench.assigned("a")).memberEpoch == 2)
        #expect(refusal { _ = try bench.beat("a", 1, owned: owned) } == .fencedMemberEpoch, "it reads too much")
        #expect(refusal { _ = try bench.beat("a", 1) } == .fencedMemberEpoch)
        #expect(refusal { _ = try bench.beat("a", 3) } == .fencedMemberEpoch)
        #expect(refusal { _ = try bench.beat("z", 1) } == .unknownMemberID)
    }

    @Test mutating func `a silent member is taken out, and one that does not give up its partitions`() throws {
        _ = try bench.join("a")
        bench.now += 9 * ConsumerGroupBench.second
        _ = try bench.join("b")
        _ = try bench.beat("a", 1)
        bench.now += 4 * ConsumerGroupBench.second
        _ = try bench.beat("a", 1)
        #expect(!bench.group.hasLate(bench.now))
        bench.now += 1 * ConsumerGroupBench.second
        #expect(bench.group.hasLate(bench.now), "five seconds to give up are over")
        bench.group.expire(bench.now)
        #expect(bench.group.members.keys.sorted() == ["b"])
        #expect(try bench.beat("b", 2).assignment?.topicPartitions.first?.partitions.count == 6)
        bench.now += 11 * ConsumerGroupBench.second
        bench.group.expire(bench.now)
        #expect(bench.group.stateName == "Empty")
    }

    @Test mutating func `a static member that is away keeps its partitions for who comes back in its name`() throws {
        _ = try bench.join("a", instance: "i")
        _ = try bench.join("b")
        try bench.settle()
        let mine = bench.assigned("a")
        #expect(refusal { _ = try bench.join("a2", instance: "i") } == .unreleasedInstanceID)
        try bench.leave("a", -2, instance: "i")
        let epoch = bench.group.epoch
        try bench.settle()
        #expect(bench.assigned("b").isDisjoint(with: mine))
        #expect(bench.group.checkCommit("a", epoch: 2, version: 9) == .staleMemberEpoch)
        let back = try bench.join("a2", instance: "i")
        #expect(bench.assigned("a2") == mine)
        #expect(back.memberEpoch == epoch, "nobody else has to move")
        #expect(refusal { _ = try bench.beat("a", 2, instance: "i") } == .fencedInstanceID)
        #expect(refusal { try bench.leave("a2", instance: "other") } == .unknownMemberID)
        try bench.leave("a2", instance: "i")
        #expect(bench.group.members.keys.sorted() == ["b"])
    }

    @Test mutating func `more partitions, a deleted topic and a new one make a new epoch`() throws {
        _ = try bench.join("a", topics: ["t", "later"])
        bench.topics["t"] = 8
        #expect(try bench.beat("a", 1).assignment?.topicPartitions.first?.partitions.count == 8)
        #expect(bench.epoch("a") == 2)
        bench.topics["later"] = 1
        #expect(try bench.beat("a", 2).assignment?.topicPartitions.count == 2)
        bench.topics["t"] = nil
        let told = try bench.beat("a", 3)
        #expect(told.assignment?.topicPartitions.map(\.topicID) == [ConsumerGroupBench.id("later")])
        bench.topics["other"] = 1
        _ = try bench.beat("a", 3, owned: bench.assigned("a"))
        #expect(bench.group.epoch == 4, "a topic that nobody reads changes nothing")
    }

    @Test mutating func `an expression stands for the whole names of topics that the member may know of`() throws {
        bench.topics = ["logs.a": 1, "logs.b": 1, "other.logs.c": 1, "logs.secret": 1]
        bench.hidden = ["logs.secret"]
        _ = try bench.join("a", topics: nil, expression: "logs\\..*")
        #expect(
            bench.assigned("a").map(\.topic).sorted { $0.low < $1.low }
                == ["logs.a", "logs.b"].map(ConsumerGroupBench.id)
        )
        bench.topics["logs.new"] = 2
        _ = try bench.beat("a", 1)
        #expect(bench.assigned("a").count == 4)
    }

    @Test mutating func `a group takes no more members than it may have`() throws {
        for member in ["a", "b", "c"] { _ = try bench.join(member) }
        #expect(refusal { _ = try bench.join("d") } == .groupMaxSizeReached)
        _ = try bench.beat("c", bench.epoch("c"))
    }

    @Test mutating func `offsets are taken from a member in its epoch only`() throws {
        #expect(bench.group.checkCommit("", epoch: -1, version: 9) == .none)
        _ = try bench.join("a")
        #expect(bench.group.checkCommit("a", epoch: 1, version: 9) == .none)
        #expect(bench.group.checkCommit("a", epoch: 1, version: 8) == .unsupportedVersion)
        #expect(bench.group.checkCommit("a", epoch: 2, version: 9) == .staleMemberEpoch)
        #expect(bench.group.checkCommit("a", epoch: 2, version: nil) == .illegalGeneration)
        #expect(bench.group.checkCommit("", epoch: -1, version: 9) == .unknownMemberID)
        #expect(bench.group.checkFetch(nil, epoch: -1) == .none)
        #expect(bench.group.checkFetch("a", epoch: 0) == .staleMemberEpoch)
        #expect(bench.group.checkFetch("z", epoch: 1) == .unknownMemberID)
    }

    @Test mutating func `after a restart members go on with their epochs, in the middle of a rebalance too`() throws {
        _ = try bench.join("a", instance: "i", assignor: "range")
        _ = try bench.join("b", topics: ["t"], expression: "t.*")
        _ = try bench.beat("a", 1, instance: "i")
        let before = bench.group
        try bench.restart()
        #expect(bench.group.epoch == before.epoch && bench.group.targetEpoch == before.targetEpoch)
        #expect(bench.group.topicsHash == before.topicsHash && bench.group.targets == before.targets)
        for (id, member) in before.members {
            #expect(bench.group.members[id]?.subscription == member.subscription)
            #expect(bench.group.members[id]?.standing == member.standing)
        }
        try bench.settle()
        #expect(bench.group.epoch == before.epoch, "nothing has changed but the broker's process")
        #expect(bench.assigned("a").count == 3 && bench.assigned("b").count == 3)
        try bench.leave("b")
        try bench.restart()
        #expect(bench.group.members.keys.sorted() == ["a"])
        #expect(bench.group.instances == ["i": "a"])
        bench.now += 10 * ConsumerGroupBench.second
        #expect(bench.group.hasLate(bench.now), "who does not come back is taken out")
    }
}
