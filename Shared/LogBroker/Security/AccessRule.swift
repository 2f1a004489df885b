/// What a rule is about; raw values are the protocol's.
public enum ResourceType: Int8, Sendable, Hashable, CaseIterable {
    /// A topic.
    case topic = 2
    /// A consumer group.
    case group = 3
    /// The cluster, always named `kafka-cluster`.
    case cluster = 4
    /// A transactional id.
    case transactionalID = 5
}

/// What somebody may do; raw values are the protocol's.
public enum AccessOperation: Int8, Sendable, Hashable, CaseIterable {
    /// Everything.
    case all = 2
    /// Fetch; join a group.
    case read = 3
    /// Produce.
    case write = 4
    /// Make topics.
    case create = 5
    /// Delete topics, records, groups.
    case delete = 6
    /// Add partitions; change access rules.
    case alter = 7
    /// Metadata and offsets.
    case describe = 8
    /// What brokers do among themselves.
    case clusterAction = 9
    /// Read settings.
    case describeConfigs = 10
    /// Change settings.
    case alterConfigs = 11
    /// Produce with a producer id.
    case idempotentWrite = 12

    /// Whether allowing this allows `other` too (Kafka's AclAuthorizer).
    func implies(_ other: AccessOperation) -> Bool {
        switch self {
        case .all: true
        case .read, .write, .delete, .alter: other == self || other == .describe
        case .alterConfigs: other == self || other == .describeConfigs
        default: other == self
        }
    }
}

/// One access rule, as Kafka's ACLs are: who may or may not do what to which resource from where.
public struct AccessRule: Sendable, Hashable {
    /// How the name is compared; raw values are the protocol's.
    public enum Pattern: Int8, Sendable, Hashable {
        /// The whole name, or `*` for every name.
        case literal = 3
        /// The beginning of the name.
        case prefixed = 4
    }

    /// What the rule does; raw values are the protocol's.
    public enum Permission: Int8, Sendable, Hashable {
        /// Wins over every allowance.
        case deny = 2
        /// Grants.
        case allow = 3
    }

    /// What kind of resource.
    public var resource: ResourceType
    /// Its name, `*`, or the beginning of it.
    public var name: String
    /// How the name is compared.
    public var pattern: Pattern
    /// `User:name` or `User:*`.
    public var principal: String
    /// A client's address, or `*`.
    public var host: String
    /// What may be done.
    public var operation: AccessOperation
    /// Allowed or denied.
    public var permission: Permission

    /// A rule from its parts.
    public init(
        _ resource: ResourceType,
        _ name: String,
        pattern: Pattern = .literal,
        principal: String,
        host: String = "*",
        operation: AccessOperation,
        permission: Permission = .allow
    ) {
        self.resource = resource
        self.name = name
        self.pattern = pattern
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    /// Whether the rule is about this resource.
    func covers(_ type: ResourceType, _ resourceName: String) -> Bool {
        guard resource == type else { return false }
        return pattern == .prefixed ? resourceName.hasPrefix(name) : name == "*" || name == resourceName
    }
}

/// Who a client is.
struct Principal: Sendable, Hashable, CustomStringConvertible {
    let name: String
    /// As rules name it.
    let description: String

    static let anonymous = Principal(name: "ANONYMOUS")
    /// Whom a rule names that is for all.
    static let everybody = Principal(name: "*")

    init(name: String) {
        self.name = name
        description = "User:\(name)"
    }
}
