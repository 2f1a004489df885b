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
}
