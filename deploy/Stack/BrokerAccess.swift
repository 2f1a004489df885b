import FoundationEssentials
import System

/// Who may write to which topic of the stack's own broker (`x-topic-writers` of the compose file): one user a service, each
/// with a password of its own. Everybody on this machine may read; a topic that is not listed is open.
struct BrokerAccess: Equatable {
    /// Names of services that may write, by topic.
    let writers: [String: [String]]

    /// Every service that writes something, in order of name.
    var users: [String] { Set(writers.values.joined()).sorted() }

    /// The variable that holds a service's password: `USER_KAFKA_PASSWORD` for `user`.
    static func passwordVariable(_ service: String) -> String {
        service.uppercased().replacing("-", with: "_") + "_KAFKA_PASSWORD"
    }

    /// Writes the broker's file of users and rules unless it has all users with these passwords already: the broker keeps
    /// rules that clients change in it.
    func write(to path: String, passwords: [String: String]) throws {
        let users = Dictionary(
            uniqueKeysWithValues: users.map { ($0, passwords[Self.passwordVariable($0)] ?? "") }
        )
        if File.exists(path) {
            let kept = try? JSONDecoder().decode(Content.self, from: Data(try File.read(path)))
            if kept?.users == users { return }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try File.createDirectory(File.directory(of: path))
        try File.replace(path, with: Array(try encoder.encode(Content(users: users, rules: rules))), mode: 0o600)
    }

    private var rules: [Rule] {
        writers.sorted { $0.key < $1.key }.flatMap { topic, services in
            let everybody = ["read", "describe", "describeConfigs"].map { Rule(topic, "User:*", $0) }
            // Whoever starts first makes the topics, so each service of the stack may.
            let creators = users.map { Rule(topic, "User:\($0)", "create") }
            return everybody + creators + services.sorted().map { Rule(topic, "User:\($0)", "write") }
        }
    }

    private struct Content: Codable {
        let users: [String: String]
        let rules: [Rule]
    }

    private struct Rule: Codable {
        let resource: String
        let name: String
        let principal: String
        let operation: String

        init(_ topic: String, _ principal: String, _ operation: String) {
            resource = "topic"
            name = topic
            self.principal = principal
            self.operation = operation
        }
    }
}
