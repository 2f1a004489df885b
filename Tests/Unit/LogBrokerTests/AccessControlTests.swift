import Testing

@testable import LogBroker

struct AccessControlTests {
    private let access: AccessControl

    init() {
        var configuration = BrokerConfiguration(dataDirectory: "")
        configuration.superUsers = ["User:admin"]
        configuration.accessRules = [
            AccessRule(.topic, "payment-events", principal: "User:booking", operation: .write),
            AccessRule(.topic, "payment-events", principal: "User:ANONYMOUS", operation: .read),
            AccessRule(.topic, "like-", pattern: .prefixed, principal: "User:like", operation: .all),
            AccessRule(.topic, "payment-events", principal: "User:evil", operation: .all),
            AccessRule(.topic, "payment-events", principal: "User:evil", operation: .write, permission: .deny),
        ]
        access = AccessControl(configuration)
    }

    private func allows(
        _ user: String,
        _ operation: AccessOperation,
        _ topic: String,
        isTrusted: Bool = true
    ) -> Bool {
        access.allows(Principal(name: user), "127.0.0.1", operation, .topic, topic, isTrusted: isTrusted)
    }

    @Test func `only its owner writes a topic that has rules`() {
        #expect(allows("booking", .write, "payment-events"))
        #expect(!allows("ANONYMOUS", .write, "payment-events"))
        #expect(!allows("like", .write, "payment-events"))
    }

    @Test func `reading implies describing and nothing else`() {
        #expect(allows("ANONYMOUS", .read, "payment-events") && allows("ANONYMOUS", .describe, "payment-events"))
        #expect(!allows("ANONYMOUS", .delete, "payment-events") && !allows("ANONYMOUS", .alter, "payment-events"))
    }

    @Test func `a denial wins over an allowance`() {
        #expect(allows("evil", .read, "payment-events") && !allows("evil", .write, "payment-events"))
    }

    @Test func `a prefix covers every name that begins with it`() {
        #expect(allows("like", .write, "like-events") && !allows("booking", .write, "like-events"))
    }

    @Test func `what has no rule is open on this machine and closed elsewhere`() {
        #expect(allows("ANONYMOUS", .write, "scratch"))
        #expect(!allows("ANONYMOUS", .write, "scratch", isTrusted: false))
        #expect(allows("admin", .delete, "payment-events", isTrusted: false))
    }

    @Test func `anonymous clients cannot change the rules`() {
        #expect(
            !access.allows(.anonymous, "127.0.0.1", .alter, .cluster, AccessControl.clusterName, isTrusted: true)
        )
    }

    /// A stack of fourteen services has a thousand rules, and metadata of all topics asks for each topic.
    @Test func `what is looked up is what reading all rules one by one says`() {
        var random = SystemRandomNumberGenerator()
        let names = ["a", "ab", "abc", "b", "*"]
        let clients = ["User:x", "User:y", "User:*"]
        for _ in 0..<200 {
            let rules = (0..<Int.random(in: 0...12)).map { _ in
                AccessRule(
                    Bool.random(using: &random) ? .topic : .group,
                    names.randomElement(using: &random) ?? "a",
                    pattern: Bool.random(using: &random) ? .literal : .prefixed,
                    principal: clients.randomElement(using: &random) ?? "User:x",
                    host: Bool.random(using: &random) ? "*" : "10.0.0.1",
                    operation: AccessOperation.allCases.randomElement(using: &random) ?? .read,
                    permission: Int.random(in: 0..<3, using: &random) == 0 ? .deny : .allow
                )
            }
            let index = AccessIndex(rules)
            for (name, client, operation) in [
                ("ab", "x", AccessOperation.read), ("abc", "y", .describe), ("c", "x", .write),
            ] {
                let found = rules.filter { $0.covers(.topic, name) }
                let meant = found.filter { ["User:*", "User:\(client)"].contains($0.principal) && $0.host == "*" }
                let isDenied = meant.contains {
                    $0.permission == .deny && ($0.operation == .all || $0.operation == operation)
                }
                let isAllowed = meant.contains { $0.permission == .allow && $0.operation.implies(operation) }
                #expect(
                    index.allows(Principal(name: client), "10.0.0.2", operation, .topic, name)
                        == (found.isEmpty ? nil : isAllowed && !isDenied),
                    "\(client) \(operation) \(name): \(rules)"
                )
            }
        }
    }
}
