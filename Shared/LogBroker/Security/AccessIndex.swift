/// Access rules found by what they are about and whom they name. A stack has a thousand of them, and a broker asks for each
/// topic of each request: to look at all would cost more than the request. Never changes; any thread.
final class AccessIndex: Sendable {
    /// Rules about one resource, or about all whose names begin alike, by the principal they name.
    private typealias Group = [String: [AccessRule]]

    private struct Key: Hashable {
        let type: ResourceType
        let name: String
    }

    /// All of them, in their order.
    let rules: [AccessRule]
    private let literal: [Key: Group]
    private let prefixed: [ResourceType: [(prefix: String, group: Group)]]

    init(_ rules: [AccessRule]) {
        self.rules = rules
        func groups(_ pattern: AccessRule.Pattern) -> [Key: Group] {
            rules.reduce(into: [:]) { groups, rule in
                guard rule.pattern == pattern else { return }
                groups[Key(type: rule.resource, name: rule.name), default: [:]][rule.principal, default: []].append(
                    rule
                )
            }
        }
        literal = groups(.literal)
        prefixed = Dictionary(grouping: groups(.prefixed), by: \.key.type).mapValues { found in
            found.map { (prefix: $0.key.name, group: $0.value) }
        }
    }

    /// Whether the rules allow it, a denial before every allowance; nil when none is about the resource.
    func allows(
        _ principal: Principal,
        _ host: String,
        _ operation: AccessOperation,
        _ type: ResourceType,
        _ name: String
    ) -> Bool? {
        let groups =
            [literal[Key(type: type, name: name)], literal[Key(type: type, name: "*")]].compactMap(\.self)
            + (prefixed[type] ?? []).lazy.filter { name.hasPrefix($0.prefix) }.map(\.group)
        guard !groups.isEmpty else { return nil }
        var isAllowed = false
        for group in groups {
            for named in [principal, .everybody] {
                for rule in group[named.description] ?? [] where rule.host == "*" || rule.host == host {
                    switch rule.permission {
                    case .deny where rule.operation == .all || rule.operation == operation: return false
                    case .allow where rule.operation.implies(operation): isAllowed = true
                    default: continue
                    }
                }
            }
        }
        return isAllowed
    }
}
