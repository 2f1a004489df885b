import KafkaProtocol

/// `broker quotas …`: what clients may use.
enum QuotaCommands {
    /// The options and the protocol's names of what a quota is for.
    private static let kinds = [("user", "user"), ("client-id", "client-id"), ("ip", "ip")]

    static func run(_ verb: String, _ context: AdminCommand.Context) async throws {
        switch verb {
        case "list": try await list(context)
        case "set", "delete": try await alter(context)
        default: throw AdminError.usage("quotas has no \(verb)")
        }
    }

    private static func list(_ context: AdminCommand.Context) async throws {
        let response = try await context.broker.call(.describeClientQuotas, 1) {
            DescribeClientQuotasRequest().encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try DescribeClientQuotasResponse(from: &reader)
        }
        try AdminError.check(response.errorCode, "quotas", response.errorMessage)
        var table = AdminTable("user", "client-id", "ip", "quota", "limit")
        for entry in response.entries ?? [] {
            func part(_ kind: String) -> String {
                entry.entity.first { $0.entityType == kind }.map { $0.entityName ?? "(default)" } ?? "-"
            }
            for value in entry.values {
                table.add(part("user"), part("client-id"), part("ip"), value.key, "\(value.value)")
            }
        }
        table.sort()
        try context.write(table)
    }

    private static func alter(_ context: AdminCommand.Context) async throws {
        let entity = kinds.compactMap { option, kind in
            context.arguments.value(option).map {
                AlterClientQuotasRequest.EntityData(entityType: kind, entityName: $0.isEmpty ? nil : $0)
            }
        }
        guard !entity.isEmpty else { throw AdminError.usage("for whom: --user, --client-id or --ip") }
        var ops: [AlterClientQuotasRequest.OpData] = []
        for pair in try context.arguments.pairs("set") {
            guard let limit = Double(pair.value) else { throw AdminError.usage("\(pair.value) is not a number") }
            ops.append(.init(key: pair.name, value: limit))
        }
        ops += context.arguments.all("unset").map { .init(key: $0, remove: true) }
        guard !ops.isEmpty else { throw AdminError.usage("nothing to change: --set KEY=N or --unset KEY") }
        let changes = ops
        let response = try await context.broker.call(.alterClientQuotas, 1) {
            AlterClientQuotasRequest(entries: [.init(entity: entity, ops: changes)]).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try AlterClientQuotasResponse(from: &reader)
        }
        for entry in response.entries { try AdminError.check(entry.errorCode, "quota", entry.errorMessage) }
        context.done("altered \(changes.count)")
    }
}
