import KafkaProtocol

/// `broker groups …`.
enum GroupCommands {
    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        switch verb {
        case "list": try await list(context)
        case "describe": try await describe(context)
        case "delete": try await delete(context)
        case "reset": try await reset(context)
        case "forget": try await forget(context)
        default: throw AdminError.usage("groups has no \(verb)")
        }
    }

    private static func list(_ context: AdminCommand.Context) async throws {
        let states = context.arguments.value("state").map { [$0] } ?? []
        let response = try await context.broker.call(.listGroups, 5) {
            ListGroupsRequest(statesFilter: states).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try ListGroupsResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "groups")
        var table = AdminTable("group", "state", "type", "protocol")
        for group in response.groups {
            table.add(group.groupID, group.groupState, group.groupType, group.protocolType)
        }
        table.sort()
        try context.write(table)
    }

    private struct Committed {
        let topic: String
        let partition: Int32
        let offset: Int64
        let metadata: String?
    }

    private static func committed(_ context: AdminCommand.Context, _ group: String) async throws -> [Committed] {
        let response = try await context.broker.call(.offsetFetch, 8) {
            OffsetFetchRequest(groups: [.init(groupID: group, topics: nil)]).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try OffsetFetchResponse(from: &reader)
        }
        for answer in response.groups { try AdminError.check(answer.errorCode, "group \(group)") }
        return response.groups.flatMap(\.topics).flatMap { topic in
            topic.partitions.map {
                Committed(
                    topic: topic.name,
                    partition: $0.partitionIndex,
                    offset: $0.committedOffset,
                    metadata: $0.metadata
                )
            }
        }.sorted { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
    }

    private typealias Summary = (id: String, state: String, members: Int)

    /// States and numbers of members; a group that is none of the classic ones may be one that the broker assigns.
    private static func summaries(_ context: AdminCommand.Context, _ names: [String]) async throws -> [Summary] {
        let classic = try await context.broker.call(.describeGroups, 5) {
            DescribeGroupsRequest(groups: names).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeGroupsResponse(from: &reader)
        }
        let others = classic.groups.filter { $0.groupState == "Dead" }.map(\.groupID)
        let assigned = try await context.broker.call(.consumerGroupDescribe, 1) {
            ConsumerGroupDescribeRequest(groupIDs: others).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try ConsumerGroupDescribeResponse(from: &reader)
        }
        return try classic.groups.map { group in
            try AdminError.check(group.errorCode, "group \(group.groupID)")
            if let found = assigned.groups.first(where: { $0.groupID == group.groupID && $0.errorCode == 0 }) {
                return (found.groupID, found.groupState, found.members.count)
            }
            return (group.groupID, group.groupState, group.members.count)
        }
    }

    /// Offsets with lags, and how many members.
    private static func describe(_ context: AdminCommand.Context) async throws {
        let names = try context.arguments.names("NAME...")
        var table = AdminTable("group", "state", "members", "topic", "partition", "offset", "end", "lag")
        for group in try await summaries(context, names) {
            let offsets = try await committed(context, group.id)
            let isUnknown = group.state == "Dead" && offsets.isEmpty
            if isUnknown { throw AdminError.refused("group \(group.id)", .groupIDNotFound, nil) }
            var ends: [String: [Int32: Int64]] = [:]
            for (topic, partitions) in Dictionary(grouping: offsets, by: \.topic) {
                ends[topic] = try await TopicCommands.offsets(context, topic, partitions.map(\.partition), at: -1)
            }
            let (state, members) = (group.state, "\(group.members)")
            if offsets.isEmpty { table.add(group.id, state, members, "-", "-", "-", "-", "-") }
            for place in offsets {
                let end = ends[place.topic]?[place.partition] ?? -1
                let lag = max(0, end - place.offset)
                table.add(
                    group.id,
                    state,
                    members,
                    place.topic,
                    "\(place.partition)",
                    "\(place.offset)",
                    "\(end)",
                    "\(lag)"
                )
            }
        }
        try context.write(table)
    }

    private static func delete(_ context: AdminCommand.Context) async throws {
        let names = try context.arguments.names("NAME...")
        let response = try await context.broker.call(.deleteGroups, 2) {
            DeleteGroupsRequest(groupsNames: names).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DeleteGroupsResponse(from: &reader)
        }
        for group in response.results {
            try AdminError.check(group.errorCode, "group \(group.groupID)")
            context.done("deleted \(group.groupID)")
        }
    }

    private static func partitions(_ context: AdminCommand.Context, _ topic: String) async throws -> [Int32] {
        let response = try await context.broker.call(.metadata, 12) {
            MetadataRequest(topics: [.init(name: topic)], allowAutoTopicCreation: false).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try MetadataResponse(from: &reader)
        }
        for answer in response.topics { try AdminError.check(answer.errorCode, "topic \(topic)") }
        return response.topics.flatMap(\.partitions).map(\.partitionIndex).sorted()
    }

    /// Commits offsets for a group without members.
    private static func reset(_ context: AdminCommand.Context) async throws {
        let names = try context.arguments.names("NAME TOPIC", exactly: 2)
        let (group, topic) = (names[0], names[1])
        let indexes = try await partitions(context, topic)
        let ends = try await TopicCommands.offsets(context, topic, indexes, at: -1)
        var wanted = ends
        if context.arguments.has("earliest") {
            wanted = try await TopicCommands.offsets(context, topic, indexes, at: -2)
        } else if let offset: Int64 = try context.arguments.number("offset") {
            wanted = ends.mapValues { min($0, max(0, offset)) }
        } else if let time: Int64 = try context.arguments.number("time") {
            // Nothing that late: the end.
            let found = try await TopicCommands.offsets(context, topic, indexes, at: max(0, time))
            wanted = ends.merging(found.filter { $0.value >= 0 }) { $1 }
        } else if !context.arguments.has("latest") {
            throw AdminError.usage("where to: --earliest, --latest, --offset N or --time MILLISECONDS")
        }
        let offsets = wanted
        let response = try await context.broker.call(.offsetCommit, 8) {
            let places = offsets.map {
                OffsetCommitRequest.OffsetCommitRequestPartition(
                    partitionIndex: $0.key,
                    committedOffset: $0.value,
                    committedMetadata: ""
                )
            }
            OffsetCommitRequest(
                groupID: group,
                generationIDOrMemberEpoch: -1,
                topics: [.init(name: topic, partitions: places)]
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try OffsetCommitResponse(from: &reader)
        }
        var table = AdminTable("group", "topic", "partition", "offset")
        for partition in response.topics.flatMap(\.partitions).sorted(by: { $0.partitionIndex < $1.partitionIndex }) {
            let index = partition.partitionIndex
            try AdminError.check(partition.errorCode, "\(topic) \(index)")
            table.add(group, topic, "\(index)", "\(offsets[index] ?? -1)")
        }
        try context.write(table)
    }

    private static func forget(_ context: AdminCommand.Context) async throws {
        let names = try context.arguments.names("NAME TOPIC", exactly: 2)
        let (group, topic) = (names[0], names[1])
        let indexes = try await committed(context, group).filter { $0.topic == topic }.map(\.partition)
        let response = try await context.broker.call(.offsetDelete, 0) {
            OffsetDeleteRequest(
                groupID: group,
                topics: [.init(name: topic, partitions: indexes.map { .init(partitionIndex: $0) })]
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try OffsetDeleteResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "group \(group)")
        for partition in response.topics.flatMap(\.partitions) {
            try AdminError.check(partition.errorCode, "\(topic) \(partition.partitionIndex)")
        }
        context.done("forgot \(indexes.count) offsets of \(group) in \(topic)")
    }
}
