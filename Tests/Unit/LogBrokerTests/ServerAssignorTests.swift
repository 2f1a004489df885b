import KafkaProtocol
import Testing

@testable import LogBroker

struct ServerAssignorTests {
    private func topic(_ number: UInt64) -> TopicID { TopicID(high: 0, low: number) }

    private func member(
        _ id: String,
        _ topics: [UInt64],
        instance: String? = nil,
        target: Assignment = []
    ) -> ServerAssignor.Member {
        .init(id: id, instanceID: instance, topics: Set(topics.map(topic)), target: target)
    }

    private func numbers(_ assignment: Assignment, of number: UInt64) -> [Int32] {
        assignment.filter { $0.topic == topic(number) }.map(\.partition).sorted()
    }

    @Test func `ranges are neighbours, the same ones of each topic, static members first`() {
        let members = [member("b", [1, 2]), member("a", [1, 2]), member("z", [1, 2], instance: "i")]
        let targets = ServerAssignor.range.assign(members, partitions: [topic(1): 7, topic(2): 7])
        #expect(numbers(targets[2], of: 1) == [0, 1, 2] && numbers(targets[2], of: 2) == [0, 1, 2])
        #expect(numbers(targets[1], of: 1) == [3, 4] && numbers(targets[0], of: 1) == [5, 6])
    }

    @Test func `a topic is divided among who reads it`() {
        let members = [member("a", [1]), member("b", [1, 2])]
        let targets = ServerAssignor.range.assign(members, partitions: [topic(1): 1, topic(2): 2])
        #expect(numbers(targets[0], of: 1) == [0] && numbers(targets[1], of: 1).isEmpty)
        #expect(numbers(targets[1], of: 2) == [0, 1])
    }

    @Test func `uniform gives as many to one as to another and moves as few as can be`() {
        var members = [member("a", [1, 2])]
        let partitions: [TopicID: Int32] = [topic(1): 5, topic(2): 5]
        for id in ["b", "c", "d"] {
            let before = ServerAssignor.uniform.assign(members, partitions: partitions)
            members = zip(members, before).map { .init(id: $0.id, instanceID: nil, topics: $0.topics, target: $1) }
            members.append(member(id, [1, 2]))
            let after = ServerAssignor.uniform.assign(members, partitions: partitions)
            #expect(
                after.reduce(0) { $0 + $1.count } == 10
                    && after.reduce(into: Assignment()) { $0.formUnion($1) }.count == 10
            )
            let counts = after.map(\.count)
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
            for (old, new) in zip(before, after) { #expect(new.isSubset(of: old), "who was there only gives up") }
        }
    }

    @Test func `uniform divides fairly among members of different subscriptions`() {
        let members = [
            member("a", [1]), member("b", [1, 2]), member("c", [2], target: [.init(topic: topic(2), partition: 9)]),
        ]
        let targets = ServerAssignor.uniform.assign(members, partitions: [topic(1): 8, topic(2): 4])
        #expect(targets.map(\.count) == [4, 4, 4])
        #expect(numbers(targets[1], of: 2).isEmpty, "what another has to read stays with it")
        #expect(targets.reduce(into: Assignment()) { $0.formUnion($1) }.count == 12)
    }

    @Test func `a subscription that has shrunk and one that has grown are followed`() {
        let all = Set((0..<6).map { TopicIDPartition(topic: topic(1), partition: $0) })
        let members = [member("a", [2], target: all), member("b", [1, 2])]
        let targets = ServerAssignor.uniform.assign(members, partitions: [topic(1): 6, topic(2): 3])
        #expect(numbers(targets[0], of: 1).isEmpty && numbers(targets[0], of: 2) == [0, 1, 2])
        #expect(numbers(targets[1], of: 1) == [0, 1, 2, 3, 4, 5])
    }

    @Test(arguments: ServerAssignor.allCases)
    func `whatever members read, every partition has one reader, if anybody reads its topic`(assignor: ServerAssignor) {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<30 {
            let partitions = Dictionary(
                uniqueKeysWithValues: (0..<4).map { (topic($0), Int32.random(in: 1...9, using: &generator)) }
            )
            var members = (0..<Int.random(in: 1...6, using: &generator)).map { number in
                member("m\(number)", (0..<4).filter { _ in Bool.random(using: &generator) })
            }
            for _ in 0..<3 {
                let targets = assignor.assign(members, partitions: partitions)
                let read = members.reduce(into: Set<TopicID>()) { $0.formUnion($1.topics) }
                let wanted = read.reduce(0) { $0 + Int(partitions[$1] ?? 0) }
                #expect(targets.reduce(0) { $0 + $1.count } == wanted)
                #expect(targets.reduce(into: Assignment()) { $0.formUnion($1) }.count == wanted)
                for (reader, target) in zip(members, targets) {
                    #expect(target.allSatisfy { reader.topics.contains($0.topic) })
                }
                members = zip(members, targets).map { .init(id: $0.id, instanceID: nil, topics: $0.topics, target: $1) }
                members.remove(at: 0)
                if members.isEmpty { break }
            }
        }
    }
}
