import FoundationEssentials
import LogBroker
import System

/// Users and access rules on disk, mode 0600: made by the stack at its first start, rewritten when a client changes the
/// rules.
///
///     {"users": {"booking": "secret"}, "superUsers": ["User:admin"],
///      "rules": [{"resource": "topic", "name": "payment-events", "pattern": "literal", "principal": "User:booking",
///                 "host": "*", "operation": "write", "permission": "allow"}]}
struct SecurityFile: Codable {
    var users: [String: String]
    var superUsers: [String]?
    var rules: [Rule]?

    struct Rule: Codable {
        var resource: String
        var name: String
        var pattern: String?
        var principal: String
        var host: String?
        var operation: String
        var permission: String?
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads the file into the configuration, which from then on keeps changed rules there.
    static func load(_ path: String, into configuration: inout BrokerConfiguration) throws {
        let file = try JSONDecoder().decode(SecurityFile.self, from: Data(try File.read(path)))
        configuration.users = file.users.mapValues { BrokerUser(password: $0) }
        configuration.superUsers = Set(file.superUsers ?? [])
        configuration.accessRules = try (file.rules ?? []).map { try $0.accessRule() }
        configuration.storeAccessRules = { rules in
            var changed = file
            changed.rules = rules.map(Rule.init)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try File.replace(path, with: Array(try encoder.encode(changed)))
        }
    }
}

extension SecurityFile.Rule {
    init(_ rule: AccessRule) {
        resource = "\(rule.resource)"
        name = rule.name
        pattern = "\(rule.pattern)"
        principal = rule.principal
        host = rule.host
        operation = "\(rule.operation)"
        permission = "\(rule.permission)"
    }

    /// The rule, with the names of Swift's cases, which are Kafka's in camel case.
    func accessRule() throws -> AccessRule {
        guard let type = ResourceType.allCases.first(where: { "\($0)" == resource }),
            let operation = AccessOperation.allCases.first(where: { "\($0)" == self.operation }),
            ["literal", "prefixed"].contains(pattern ?? "literal"),
            ["allow", "deny"].contains(permission ?? "allow"), principal.hasPrefix("User:")
        else { throw SecurityFile.Malformed(description: "malformed rule for \(resource) \(name)") }
        return AccessRule(
            type,
            name,
            pattern: pattern == "prefixed" ? .prefixed : .literal,
            principal: principal,
            host: host ?? "*",
            operation: operation,
            permission: permission == "deny" ? .deny : .allow
        )
    }
}
