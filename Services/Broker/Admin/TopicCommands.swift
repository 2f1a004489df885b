import KafkaProtocol

/// `broker topics …`.
enum TopicCommands {
    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        switch verb {
        case "list": try await list(context)
        case "describe": try await describe(context)
        case "create": try await create(context)
        case "alter": try await alter(context)
        case "delete": try await delete(context)
        default: throw AdminError.usage("topics has no \(verb)")
        }
    }

    /// Topics by their names; all that may be seen when there are none.
    private static func metadata(
        _ context: AdminCommand.Context,
        _ names: [String]?
    ) async throws -> [MetadataResponse.MetadataResponseTopic] {
        let response = try await context.broker.call(.metadata, 12) {
            MetadataRequest(topics: names.map { $0.map { .init(name: $0) } }, allowAutoTopicCreation: false)
                .encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try MetadataResponse(from: &reader)
        }
        for topic in response.topics { try AdminError.check(topic.errorCode, "topic \(topic.name ?? "")") }
        return response.topics.sorted { $0.name ?? "" < $1.name ?? "" }
    }

    private static func list(_ context: AdminCommand.Context) async throws {
        let folders = try await context.broker.call(.describeLogDirs, 4) {
            DescribeLogDirsRequest(topics: nil).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeLogDirsResponse(from: &reader)
        }
        var sizes: [String: Int64] = [:]
        for topic in folders.results.flatMap(\.topics) {
            sizes[topic.name, default: 0] += topic.partitions.reduce(0) { $0 + $1.partitionSize }
        }
        var table = AdminTable("topic", "partitions", "bytes", "internal")
        for topic in try await metadata(context, nil) {
            let name = topic.name ?? ""
            // Who may not see folders sees no sizes.
            table.add(name, "\(topic.partitions.count)", sizes[name].map { "\($0)" } ?? "-", "\(topic.isInternal)")
        }
        try context.write(table)
    }

    private static func describe(_ context: AdminCommand.Context) async throws {
        var table = AdminTable("topic", "partition", "leader", "epoch", "start", "end")
        for topic in try await metadata(context, try context.arguments.names("NAME...")) {
            let name = topic.name ?? ""
            let indexes = topic.partitions.map(\.partitionIndex).sorted()
            let starts = try await offsets(context, name, indexes, at: -2)
            let ends = try await offsets(context, name, indexes, at: -1)
            for partition in topic.partitions.sorted(by: { $0.partitionIndex < $1.partitionIndex }) {
                let index = partition.partitionIndex
                table.add(
                    name,
                    "\(index)",
                    "\(partition.leaderID)",
                    "\(partition.leaderEpoch)",
                    "\(starts[index] ?? -1)",
                    "\(ends[index] ?? -1)"
                )
            }
        }
        try context.write(table)
    }

    /// Offsets of partitions at a time in milliseconds; -1 is the end, -2 the start.
    static func offsets(
        _ context: AdminCommand.Context,
        _ topic: String,
        _ partitions: [Int32],
        at time: Int64
    ) async throws -> [Int32: Int64] {
        let response = try await context.broker.call(.listOffsets, 7) {
            let asked = partitions.map {
                ListOffsetsRequest.ListOffsetsPartition(partitionIndex: $0, timestamp: time)
            }
            ListOffsetsRequest(topics: [.init(name: topic, partitions: asked)]).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try ListOffsetsResponse(from: &reader)
        }
        var offsets: [Int32: Int64] = [:]
        for partition in response.topics.flatMap(\.partitions) {
            try AdminError.check(partition.errorCode, "\(topic) \(partition.partitionIndex)")
            offsets[partition.partitionIndex] = partition.offset
        }
        return offsets
    }

    private static func create(_ context: AdminCommand.Context) async throws {
        let name = try context.arguments.names("one NAME", exactly: 1)[0]
        let partitions: Int32 = try context.arguments.number("partitions") ?? -1
        let settings = try context.arguments.pairs("set")
        let response = try await context.broker.call(.createTopics, 7) {
            CreateTopicsRequest(
                topics: [
                    .init(
                        name: name,
                        numPartitions: partitions,
                        replicationFactor: -1,
                        configs: settings.map { .init(name: $0.name, value: $0.value) }
                    )
                ],
                timeoutMs: 30_000
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try CreateTopicsResponse(from: &reader)
        }
        for topic in response.topics { try AdminError.check(topic.errorCode, "topic \(name)", topic.errorMessage) }
        context.done("created \(name)")
    }

    private static func alter(_ context: AdminCommand.Context) async throws {
        let name = try context.arguments.names("one NAME", exactly: 1)[0]
        let partitions: Int32? = try context.arguments.number("partitions")
        guard partitions != nil || context.arguments.has("set") || context.arguments.has("unset") else {
            throw AdminError.usage("nothing to alter: --partitions, --set or --unset")
        }
        if let partitions {
            let response = try await context.broker.call(.createPartitions, 3) {
                CreatePartitionsRequest(topics: [.init(name: name, count: partitions)], timeoutMs: 30_000)
                    .encode(to: &$0)
            } _: { (reader: inout WireReader) throws(WireError) in
                try CreatePartitionsResponse(from: &reader)
            }
            for topic in response.results { try AdminError.check(topic.errorCode, "topic \(name)", topic.errorMessage) }
        }
        try await ConfigCommands.alter(context, type: ConfigCommands.topicType, name: name)
        context.done("altered \(name)")
    }

    private static func delete(_ context: AdminCommand.Context) async throws {
        let names = try context.arguments.names("NAME...")
        let response = try await context.broker.call(.deleteTopics, 5) {
            DeleteTopicsRequest(topicNames: names, timeoutMs: 30_000).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DeleteTopicsResponse(from: &reader)
        }
        for topic in response.responses {
            try AdminError.check(topic.errorCode, "topic \(topic.name ?? "")", topic.errorMessage)
            context.done("deleted \(topic.name ?? "")")
        }
    }
}
