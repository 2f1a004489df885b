import KafkaProtocol
import Synchronization

/// Decides who may do what, by Kafka's rules: a denial wins and a super user may do everything. What has no rule at all
/// is open to clients on this machine and closed to others; changing the rules is not. Any thread.
final class AccessControl: Sendable {
    static let clusterName = "kafka-cluster"
    /// Most rules that clients may add up to.
    static let maximumRules = 10_000

    private let index: Mutex<AccessIndex>
    private let superUsers: Set<String>
    private let store: (@Sendable ([AccessRule]) throws -> Void)?

    init(_ configuration: BrokerConfiguration) {
        index = Mutex(AccessIndex(configuration.accessRules))
        superUsers = configuration.superUsers
        store = configuration.storeAccessRules
    }

    /// Whether clients may change the rules at all.
    var canChange: Bool { store != nil }

    func allows(_ session: Session, _ operation: AccessOperation, _ type: ResourceType, _ name: String) -> Bool {
        allows(session.principal, session.clientHost, operation, type, name, isTrusted: session.isTrusted)
    }

    func allows(
        _ principal: Principal,
        _ host: String,
        _ operation: AccessOperation,
        _ type: ResourceType,
        _ name: String,
        isTrusted: Bool
    ) -> Bool {
        if superUsers.contains(principal.description) { return true }
        // Whoever may change the rules may do everything: nobody who was not told so.
        let isOpen = isTrusted && !(type == .cluster && (operation == .alter || operation == .alterConfigs))
        return index.withLock { $0 }.allows(principal, host, operation, type, name) ?? isOpen
    }

    /// The rules a filter matches.
    func rules(_ filter: (AccessRule) -> Bool) -> [AccessRule] { index.withLock { $0 }.rules.filter(filter) }

    /// Adds rules and keeps them. Blocks.
    func add(_ new: [AccessRule]) throws {
        try change { rules in
            for rule in new where !rules.contains(rule) { rules.append(rule) }
            guard rules.count <= Self.maximumRules else { throw ErrorCode.invalidRequest }
        }
    }

    /// Removes rules and keeps what is left. Blocks.
    func remove(_ old: Set<AccessRule>) throws {
        try change { $0.removeAll { old.contains($0) } }
    }

    private func change(_ edit: (inout [AccessRule]) throws -> Void) throws {
        guard let store else { throw ErrorCode.securityDisabled }
        // Callers are on the one job thread, so nobody changes the rules between reading and writing them.
        var changed = index.withLock { $0 }.rules
        try edit(&changed)
        try store(changed)
        let next = AccessIndex(changed)
        index.withLock { $0 = next }
    }
}
