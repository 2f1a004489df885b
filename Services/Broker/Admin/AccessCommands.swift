import KafkaProtocol
import LogBroker

/// `broker acls …`: access rules.
enum AccessCommands {
    private static let any: Int8 = 1

    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        switch verb {
        case "list": try await list(context)
        case "add": try await add(context)
        case "delete": try await delete(context)
        default: throw AdminError.usage("acls has no \(verb)")
        }
    }

    private static func list(_ context: AdminCommand.Context) async throws {
        let response = try await context.broker.call(.describeAcls, 3) {
            DescribeAclsRequest(resourceTypeFilter: any, patternTypeFilter: any, operation: any, permissionType: any)
                .encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeAclsResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "acls", response.errorMessage)
        var table = AdminTable("resource", "name", "pattern", "principal", "host", "operation", "permission")
        for resource in response.resources {
            for rule in resource.acls {
                table.add(
                    ResourceType(rawValue: resource.resourceType).map { "\($0)" } ?? "\(resource.resourceType)",
                    resource.resourceName,
                    resource.patternType == AccessRule.Pattern.prefixed.rawValue ? "prefixed" : "literal",
                    rule.principal,
                    rule.host,
                    AccessOperation(rawValue: rule.operation).map { "\($0)" } ?? "\(rule.operation)",
                    rule.permissionType == AccessRule.Permission.deny.rawValue ? "deny" : "allow"
                )
            }
        }
        table.sort()
        try context.write(table)
    }

    /// The rules that the words describe, one an operation.
    private static func rules(_ context: AdminCommand.Context) throws(AdminError) -> [AccessRule] {
        let names = try context.arguments.names("topic|group|cluster|transactionalID NAME", exactly: 2)
        guard let type = ResourceType.allCases.first(where: { "\($0)" == names[0] }) else {
            throw .usage("\(names[0]) is none of " + ResourceType.allCases.map { "\($0)" }.joined(separator: ", "))
        }
        guard let principal = context.arguments.value("principal"), principal.hasPrefix("User:") else {
            throw .usage("--principal User:NAME is missing")
        }
        var rules: [AccessRule] = []
        for text in context.arguments.all("operation") {
            guard let operation = AccessOperation.allCases.first(where: { "\($0)" == text }) else {
                let known = AccessOperation.allCases.map { "\($0)" }.joined(separator: ", ")
                throw .usage("--operation \(text) is none of \(known)")
            }
            rules.append(
                AccessRule(
                    type,
                    names[1],
                    pattern: context.arguments.has("prefixed") ? .prefixed : .literal,
                    principal: principal,
                    host: context.arguments.value("host") ?? "*",
                    operation: operation,
                    permission: context.arguments.has("deny") ? .deny : .allow
                )
            )
        }
        guard !rules.isEmpty else { throw .usage("--operation is missing") }
        return rules
    }

    private static func add(_ context: AdminCommand.Context) async throws {
        let rules = try rules(context)
        let response = try await context.broker.call(.createAcls, 3) {
            CreateAclsRequest(
                creations: rules.map {
                    .init(
                        resourceType: $0.resource.rawValue,
                        resourceName: $0.name,
                        resourcePatternType: $0.pattern.rawValue,
                        principal: $0.principal,
                        host: $0.host,
                        operation: $0.operation.rawValue,
                        permissionType: $0.permission.rawValue
                    )
                }
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try CreateAclsResponse(from: &reader)
        }
        for result in response.results { try AdminError.check(result.errorCode, "acls", result.errorMessage) }
        context.done("added \(rules.count)")
    }

    private static func delete(_ context: AdminCommand.Context) async throws {
        let rules = try rules(context)
        let response = try await context.broker.call(.deleteAcls, 3) {
            DeleteAclsRequest(
                filters: rules.map {
                    .init(
                        resourceTypeFilter: $0.resource.rawValue,
                        resourceNameFilter: $0.name,
                        patternTypeFilter: $0.pattern.rawValue,
                        principalFilter: $0.principal,
                        hostFilter: $0.host,
                        operation: $0.operation.rawValue,
                        permissionType: $0.permission.rawValue
                    )
                }
            ).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DeleteAclsResponse(from: &reader)
        }
        for result in response.filterResults { try AdminError.check(result.errorCode, "acls", result.errorMessage) }
        context.done("deleted \(response.filterResults.reduce(0) { $0 + $1.matchingAcls.count })")
    }
}
