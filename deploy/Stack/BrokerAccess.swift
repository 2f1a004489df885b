import FoundationEssentials
import System

/// Who may write to which topic of the stack's own broker and who may join which group (`x-topic-writers` and
/// `x-group-members` of the compose file): one user a service, each with a password of its own. Everybody on this machine
/// may read the topics and see how far the groups are; topics and groups that are not listed are open.
struct BrokerAccess: Equatable {
    /// Names of services that may write, by topic.
    let writers: [String: [String]]
    /// Names of services that may join, by group.
    let members: [String: [String]]

    /// Every service that writes or joins something, in order of name.
    var users: [String] { Set(writers.values.joined()).union(members.values.joined()).sorted() }

    /// How the names of those variables end.
    static let passwordSuffix = "_KAFKA_PASSWORD"

    /// The variable that holds a service's password: `USER_KAFKA_PASSWORD` for `user`.
    static func passwordVariable(_ service: String) -> String {
        service.uppercased().replacing("-", with: "_") + passwordSuffix
    }

    /// How a service of the stack authenticates, as the compose file's variables.
    static let clientVariables = ["KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"]

    /// Writes the broker's file of users and rules. Users and rules that somebody has added stay; those of the compose
    /// file always hold. A file that says all this already is left alone.
    func write(to path: String, passwords: [String: String]) throws {
        let own: [String: String] = try users.reduce(into: [:]) { result, user in
            let variable = Self.passwordVariable(user)
            guard let password = passwords[variable], !password.isEmpty else {
                throw StackError.refused("\(variable) is not set")
            }
            result[user] = password
        }
        // A damaged file is made anew.
        let kept = File.exists(path) ? try? JSONDecoder().decode(Content.self, from: Data(try File.read(path))) : nil
        let users = (kept?.users ?? [:]).merging(own) { $1 }
        let missing = rules.filter { !(kept?.rules.contains($0) ?? false) }
        if kept?.users == users, missing.isEmpty { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try File.createDirectory(File.directory(of: path))
        let content = Content(users: users, superUsers: kept?.superUsers, rules: (kept?.rules ?? []) + missing)
        try File.replace(path, with: Array(try encoder.encode(content)), mode: 0o600)
    }

    private var rules: [Rule] { topicRules + groupRules }

    private var topicRules: [Rule] {
        var rules: [Rule] = []
        for (topic, services) in writers.sorted(by: { $0.key < $1.key }) {
            // Dead letters and what is sent back from them: any service may have some.
            let related = "\(topic)."
            for operation in ["read", "describe", "describeConfigs"] {
                rules.append(Rule("topic", topic, "User:*", operation))
                rules.append(Rule("topic", related, "User:*", operation, pattern: "prefixed"))
            }
            for user in users {
                // Whoever starts first makes the topics, so each service of the stack may.
                rules.append(Rule("topic", topic, "User:\(user)", "create"))
                rules.append(Rule("topic", related, "User:\(user)", "create", pattern: "prefixed"))
                rules.append(Rule("topic", related, "User:\(user)", "write", pattern: "prefixed"))
            }
            for service in services.sorted() { rules.append(Rule("topic", topic, "User:\(service)", "write")) }
        }
        return rules
    }

    private var groupRules: [Rule] {
        var rules: [Rule] = []
        for (group, services) in members.sorted(by: { $0.key < $1.key }) {
            rules.append(Rule("group", group, "User:*", "describe"))
            for service in services.sorted() { rules.append(Rule("group", group, "User:\(service)", "read")) }
        }
        return rules
    }

    private struct Content: Codable {
        let users: [String: String]
        let superUsers: [String]?
        let rules: [Rule]
    }

    /// A rule as the broker's file has it; what is left out is literal, from every host, and allows.
    private struct Rule: Codable, Equatable {
        let resource: String
        let name: String
        let pattern: String?
        let principal: String
        let host: String?
        let operation: String
        let permission: String?

        init(_ resource: String, _ name: String, _ principal: String, _ operation: String, pattern: String? = nil) {
            self.resource = resource
            self.name = name
            self.pattern = pattern ?? "literal"
            self.principal = principal
            host = "*"
            self.operation = operation
            permission = "allow"
        }
    }
}
