import FoundationEssentials
import System

/// Brokers that serve nobody without a password: each program is a user of its own with the rights that the compose file
/// gives it, and what a test itself reads and writes it does as a super user. On in every test of a run with
/// `MARQUEE_TEST_SECURITY=sasl` (`make test-secured`); else a broker of a test is open to this machine.
public enum BrokerSecurity {
    /// Whether it is on.
    public static let isOn = Environment.value("MARQUEE_TEST_SECURITY") == "sasl"

    /// The test's own user.
    public static let tester = "test"

    /// How a client of the test itself reaches a broker: variables as the services read them.
    public static func client(of broker: String) -> [String: String] {
        ["KAFKA_BOOTSTRAP_SERVERS": broker].merging(variables(of: tester)) { $1 }
    }

    /// How a service of the name authenticates: variables that it reads.
    static func variables(of user: String) -> [String: String] {
        guard isOn else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: login(user).map {
                ("KAFKA_" + $0.key.uppercased().replacing(".", with: "_"), $0.value)
            }
        )
    }

    /// What tools are given: kcat has a file of its own, Python programs find librdkafka's properties in `TEST_KAFKA_LOGIN`.
    static func tools(in directory: TemporaryDirectory) throws -> [String: String] {
        guard isOn else { return ["TEST_KAFKA_LOGIN": "{}"] }
        let login = login(tester)
        let lines = login.map { "\($0.key)=\($0.value)\n" }.joined()
        return [
            "KCAT_CONFIG": try directory.write(lines, to: "kcat.conf"),
            "TEST_KAFKA_LOGIN": String(decoding: try JSONEncoder().encode(login), as: UTF8.self),
        ]
    }

    /// Variables of a broker that keeps its users and rules in this file, and the program that writes them there first,
    /// as in the broker's container.
    static func broker(_ path: String) throws -> (variables: [String: String], launcher: [String]) {
        guard isOn else { return ([:], []) }
        try writeUsers(to: path)
        let compose = "\(SourceFile.repository)/deploy/compose.yaml"
        // Each service's user and the variable of its password.
        let pairs = String(decoding: try File.read(compose), as: UTF8.self)
            .matches(of: /KAFKA_SASL_USERNAME: ([a-z-]+)\n +KAFKA_SASL_PASSWORD: \$\{([A-Z_]+):/)
        let passwords = pairs.map { "\($0.2)=\(password(of: String($0.1)))" }.joined(separator: ",")
        return (
            ["BROKER_SECRETS": path, "BROKER_PASSWORDS": passwords],
            [try ServiceProcess.path(of: "stack"), "-f", compose, "exec"]
        )
    }

    /// A rule for all of a kind.
    private static func rule(
        for resource: String,
        _ principal: String,
        may operation: String,
        isAllowed: Bool
    ) -> [String: String] {
        [
            "resource": resource, "name": resource == "cluster" ? "kafka-cluster" : "*", "pattern": "literal",
            "principal": principal, "host": "*", "operation": operation, "permission": isAllowed ? "allow" : "deny",
        ]
    }

    /// The test as super user and nothing for anybody without a name; the stack runner adds its users and rules.
    public static func writeUsers(to path: String) throws {
        try File.createDirectory(File.directory(of: path))
        let refused = ["topic", "group", "cluster", "transactionalID"].map {
            rule(for: $0, "User:ANONYMOUS", may: "all", isAllowed: false)
        }
        // By the gateway, administrators look at topics and groups that are not Marquee's, too.
        let shown = [("topic", "read"), ("topic", "describeConfigs"), ("group", "describe")].map {
            rule(for: $0.0, "User:gateway", may: $0.1, isAllowed: true)
        }
        let file = Users(
            users: [tester: password(of: tester)],
            superUsers: ["User:\(tester)"],
            rules: refused + shown
        )
        try File.replace(path, with: Array(try JSONEncoder().encode(file)), mode: 0o600)
    }

    /// The broker's file (`BROKER_SECRETS`).
    private struct Users: Encodable {
        let users: [String: String]
        let superUsers: [String]
        let rules: [[String: String]]
    }

    /// Everybody's password.
    public static func password(of user: String) -> String { "\(user)-secret" }

    /// Properties of librdkafka.
    private static func login(_ user: String) -> [String: String] {
        [
            "security.protocol": "sasl_plaintext", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": user,
            "sasl.password": password(of: user),
        ]
    }
}
