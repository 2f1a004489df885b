import KafkaProtocol

/// How the broker divides partitions among the members of a group; raw values are the names clients ask by.
enum ServerAssignor: String, Sendable, CaseIterable {
    /// As many partitions for one as for another, and as few moved as can be.
    case uniform
    /// Of each topic neighbouring partitions, static members first: the same ones of topics of the same size.
    case range

    /// A member, as an assignor sees it.
    struct Member: Sendable {
        let id: String
        let instanceID: String?
        let topics: Set<TopicID>
        /// What its target was.
        let target: Assignment
    }

    /// The target of each member, in the order of the members.
    func assign(_ members: [Member], partitions: [TopicID: Int32]) -> [Assignment] {
        switch self {
        case .uniform: UniformAssignment(members, partitions: partitions).targets
        case .range: Self.ranges(members, partitions: partitions)
        }
    }

    private static func ranges(_ members: [Member], partitions: [TopicID: Int32]) -> [Assignment] {
        let order = members.indices.sorted { first, second in
            switch (members[first].instanceID, members[second].instanceID) {
            case (let first?, let second?): first < second
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): members[first].id < members[second].id
            }
        }
        var targets = [Assignment](repeating: [], count: members.count)
        for (topic, count) in partitions {
            let readers = order.filter { members[$0].topics.contains(topic) }
            guard !readers.isEmpty else { continue }
            let (quota, rest) = Int(count).quotientAndRemainder(dividingBy: readers.count)
            var next: Int32 = 0
            for (place, reader) in readers.enumerated() {
                let end = next + Int32(quota + (place < rest ? 1 : 0))
                for partition in next..<end {
                    targets[reader].insert(TopicIDPartition(topic: topic, partition: partition))
                }
                next = end
            }
        }
        return targets
    }
}

/// The assignment of `uniform`: every member keeps what it may, what is free goes to who has least, and what is left of
/// unevenness is moved.
struct UniformAssignment {
    private let members: [ServerAssignor.Member]
    private let readers: [TopicID: [Int]]
    private(set) var targets: [Assignment]

    init(_ members: [ServerAssignor.Member], partitions: [TopicID: Int32]) {
        self.members = members
        targets = [Assignment](repeating: [], count: members.count)
        var readers: [TopicID: [Int]] = [:]
        for (index, member) in members.enumerated() {
            for topic in member.topics { readers[topic, default: []].append(index) }
        }
        self.readers = readers
        let partitions = partitions.filter { readers[$0.key] != nil }
        let everyone = Set(members.map(\.topics))
        let quotas = everyone.count == 1 ? quotas(total: partitions.values.reduce(0) { $0 + Int($1) }) : nil
        let free = keep(partitions, quotas: quotas)
        if let quotas {
            fill(free, quotas: quotas)
        } else {
            for partition in free { give(partition) }
            while moveSurplus() {}
        }
    }

    /// How many each member is to have when all read the same; who has more already gets one more of an uneven number.
    private func quotas(total: Int) -> [Int] {
        let (least, rest) = total.quotientAndRemainder(dividingBy: members.count)
        var quotas = [Int](repeating: least, count: members.count)
        let order = members.indices.sorted { (-members[$0].target.count, $0) < (-members[$1].target.count, $1) }
        for index in order.prefix(rest) { quotas[index] += 1 }
        return quotas
    }

    /// Leaves members what they had, as far as they may have it; the partitions that nobody has, in order.
    private mutating func keep(_ partitions: [TopicID: Int32], quotas: [Int]?) -> [TopicIDPartition] {
        var kept: Assignment = []
        for (index, member) in members.enumerated() {
            for (topic, old) in member.target.byTopic where member.topics.contains(topic) {
                for number in old where number < partitions[topic, default: 0] {
                    if let quotas, targets[index].count >= quotas[index] { break }
                    let partition = TopicIDPartition(topic: topic, partition: number)
                    if kept.insert(partition).inserted { targets[index].insert(partition) }
                }
            }
        }
        let ordered = partitions.sorted { ($0.key.high, $0.key.low) < ($1.key.high, $1.key.low) }
        return ordered.flatMap { topic, count in
            (0..<count).map { TopicIDPartition(topic: topic, partition: $0) }.filter { !kept.contains($0) }
        }
    }

    private mutating func fill(_ free: [TopicIDPartition], quotas: [Int]) {
        var rest = free[...]
        for index in members.indices {
            let room = max(0, quotas[index] - targets[index].count)
            targets[index].formUnion(rest.prefix(room))
            rest = rest.dropFirst(room)
        }
    }

    private mutating func give(_ partition: TopicIDPartition) {
        guard let index = leastLoaded(partition.topic) else { return }
        targets[index].insert(partition)
    }

    private func leastLoaded(_ topic: TopicID) -> Int? {
        readers[topic]?.min { targets[$0].count < targets[$1].count }
    }

    /// Moves partitions to members that have at least two fewer; whether it has moved any. Each move makes the assignment
    /// more even, so that there is an end.
    private mutating func moveSurplus() -> Bool {
        var hasMoved = false
        for index in members.indices {
            for (topic, partitions) in targets[index].byTopic {
                for number in partitions {
                    guard let other = leastLoaded(topic), targets[other].count + 1 < targets[index].count else { break }
                    let partition = TopicIDPartition(topic: topic, partition: number)
                    targets[index].remove(partition)
                    targets[other].insert(partition)
                    hasMoved = true
                }
            }
        }
        return hasMoved
    }
}
