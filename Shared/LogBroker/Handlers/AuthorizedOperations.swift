import KafkaProtocol

/// What a client may do with a resource, as responses tell it when they are asked to (KIP-430): a bit for each operation.
extension RequestHandler {
    /// No check: it says what checks of other calls would.
    func authorizedOperations(_ type: ResourceType, _ name: String) -> Int32 {
        type.operations.reduce(into: 0) { bits, operation in
            if core.access.allows(session, operation, type, name) { bits |= 1 << Int32(operation.rawValue) }
        }
    }

    /// For the cluster; nothing to whoever may not describe it.
    func authorizedClusterOperations() -> Int32 {
        let mayDescribe = core.access.allows(session, .describe, .cluster, AccessControl.clusterName)
        return mayDescribe ? authorizedOperations(.cluster, AccessControl.clusterName) : 0
    }
}

extension ResourceType {
    /// What may be done with such a resource (Kafka's AclEntry).
    fileprivate var operations: [AccessOperation] {
        switch self {
        case .topic: [.read, .write, .create, .delete, .alter, .describe, .describeConfigs, .alterConfigs]
        case .group: [.read, .delete, .describe, .describeConfigs, .alterConfigs]
        case .cluster:
            [.create, .alter, .describe, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite]
        case .transactionalID: [.write, .describe]
        }
    }
}
