import KafkaProtocol

/// `broker configs …`: settings of topics and of the broker.
enum ConfigCommands {
    static let topicType: Int8 = 2
    private static let brokerType: Int8 = 4
    /// Sources that are not a choice of anybody's.
    private static let defaults: Set<Int8> = [4, 5]

    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        let names = context.arguments.names
        let (type, name): (Int8, String)
        switch names.first {
        case "topic":
            guard names.count == 2 else { throw AdminError.usage("expected topic NAME") }
            (type, name) = (topicType, names[1])
        case "broker": (type, name) = (brokerType, names.count > 1 ? names[1] : try await nodeID(context))
        default: throw AdminError.usage("expected topic NAME or broker")
        }
        switch verb {
        case "describe": try await describe(context, type: type, name: name)
        case "alter":
            guard context.arguments.has("set") || context.arguments.has("unset") else {
                throw AdminError.usage("nothing to alter: --set or --unset")
            }
            try await alter(context, type: type, name: name)
            context.done("altered \(names.joined(separator: " "))")
        default: throw AdminError.usage("configs has no \(verb)")
        }
    }

    private static func nodeID(_ context: AdminCommand.Context) async throws -> String {
        let response = try await context.broker.call(.describeCluster, 0) {
            DescribeClusterRequest().encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeClusterResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "broker", response.errorMessage)
        return "\(response.controllerID)"
    }

    /// What somebody has set; with `--all` everything.
    private static func describe(_ context: AdminCommand.Context, type: Int8, name: String) async throws {
        let response = try await context.broker.call(.describeConfigs, 4) {
            DescribeConfigsRequest(
                resources: [.init(resourceType: type, resourceName: name)],
                includeDocumentation: true
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeConfigsResponse(from: &reader)
        }
        var table = AdminTable("setting", "value", "set", "meaning")
        for result in response.results {
            try AdminError.check(result.errorCode, name, result.errorMessage)
            for setting in result.configs {
                let isSet = !defaults.contains(setting.configSource)
                guard isSet || context.arguments.has("all") else { continue }
                table.add(setting.name, setting.value ?? "", isSet ? "yes" : "no", setting.documentation ?? "")
            }
        }
        try context.write(table)
    }

    /// Applies `--set` and `--unset`; does nothing without them.
    static func alter(_ context: AdminCommand.Context, type: Int8, name: String) async throws {
        let set = try context.arguments.pairs("set").map {
            IncrementalAlterConfigsRequest.AlterableConfig(name: $0.name, configOperation: 0, value: $0.value)
        }
        let unset = context.arguments.all("unset").map {
            IncrementalAlterConfigsRequest.AlterableConfig(name: $0, configOperation: 1, value: nil)
        }
        guard !(set + unset).isEmpty else { return }
        let response = try await context.broker.call(.incrementalAlterConfigs, 1) {
            IncrementalAlterConfigsRequest(
                resources: [.init(resourceType: type, resourceName: name, configs: set + unset)]
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try IncrementalAlterConfigsResponse(from: &reader)
        }
        for result in response.responses { try AdminError.check(result.errorCode, name, result.errorMessage) }
    }
}
