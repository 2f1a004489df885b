/// What a client needs for each call of the protocol, as the table "Operations and resources on protocols" of Apache Kafka's
/// documentation says, for what a cluster of one node answers. Handlers make these checks and no others, which debug builds
/// assert at each one; where several stand in a line, the handler says which resource of the request each is about.
///
/// One line differs from Kafka: InitProducerId without a transactional id needs nothing, where Kafka wants `IdempotentWrite`
/// on the cluster or `Write` on any topic; a producer id alone lets nobody write.
enum AccessTable {
    struct Check: Hashable, Sendable {
        let operation: AccessOperation
        let resource: ResourceType

        init(_ operation: AccessOperation, _ resource: ResourceType) {
            self.operation = operation
            self.resource = resource
        }
    }

    /// SaslHandshake, ApiVersions, SaslAuthenticate and DescribeCluster, which everybody may make.
    static let free: Set<Int16> = [17, 18, 36, 60]

    /// The checks of all others, by API key.
    static let checks: [Int16: Set<Check>] = [
        // Records
        0: [.init(.write, .topic), .init(.write, .transactionalID)],
        1: [.init(.read, .topic)],
        2: [.init(.describe, .topic)],
        3: [.init(.describe, .topic), .init(.create, .topic), .init(.create, .cluster)],
        21: [.init(.delete, .topic)],
        23: [.init(.describe, .topic)],
        61: [.init(.read, .topic)],
        // Groups
        8: [.init(.read, .group), .init(.read, .topic)],
        9: [.init(.describe, .group), .init(.describe, .topic)],
        10: [.init(.describe, .group), .init(.describe, .transactionalID)],
        11: [.init(.read, .group)],
        12: [.init(.read, .group)],
        13: [.init(.read, .group)],
        14: [.init(.read, .group)],
        15: [.init(.describe, .group)],
        16: [.init(.describe, .group), .init(.describe, .cluster)],
        42: [.init(.delete, .group)],
        47: [.init(.delete, .group), .init(.read, .topic)],
        68: [.init(.read, .group), .init(.describe, .topic)],
        69: [.init(.describe, .group), .init(.describe, .topic)],
        // Transactions
        22: [.init(.write, .transactionalID), .init(.idempotentWrite, .cluster)],
        24: [.init(.write, .transactionalID), .init(.write, .topic)],
        25: [.init(.write, .transactionalID), .init(.read, .group)],
        26: [.init(.write, .transactionalID)],
        28: [.init(.write, .transactionalID), .init(.read, .group), .init(.read, .topic)],
        65: [.init(.describe, .transactionalID), .init(.describe, .topic)],
        66: [.init(.describe, .transactionalID)],
        // Topics and settings
        19: [.init(.create, .topic), .init(.create, .cluster), .init(.describeConfigs, .topic)],
        20: [.init(.delete, .topic), .init(.describe, .topic)],
        32: [.init(.describeConfigs, .topic), .init(.describeConfigs, .cluster), .init(.describeConfigs, .group)],
        33: [.init(.alterConfigs, .topic), .init(.alterConfigs, .cluster), .init(.alterConfigs, .group)],
        37: [.init(.alter, .topic)],
        44: [.init(.alterConfigs, .topic), .init(.alterConfigs, .cluster), .init(.alterConfigs, .group)],
        74: [.init(.describeConfigs, .cluster)],
        75: [.init(.describe, .topic)],
        // The cluster
        29: [.init(.describe, .cluster)],
        30: [.init(.alter, .cluster)],
        31: [.init(.alter, .cluster)],
        34: [.init(.alter, .cluster)],
        35: [.init(.describe, .cluster)],
        43: [.init(.alter, .cluster)],
        45: [.init(.alter, .cluster)],
        46: [.init(.describe, .cluster)],
        48: [.init(.describeConfigs, .cluster)],
        49: [.init(.alterConfigs, .cluster)],
        50: [.init(.describe, .cluster)],
        51: [.init(.alter, .cluster)],
        55: [.init(.describe, .cluster)],
    ]

    /// Whether the call may be decided by this check.
    static func has(_ call: Int16, _ operation: AccessOperation, _ resource: ResourceType) -> Bool {
        checks[call]?.contains(Check(operation, resource)) ?? false
    }
}
