import KafkaProtocol

/// Why a subcommand did not do what it should.
enum AdminError: Error, CustomStringConvertible {
    /// The words make no sense: exit code 2.
    case usage(String)
    /// The broker cannot be reached or does not answer: exit code 1.
    case connection(String)
    /// The broker refuses: exit code 1.
    case refused(String, ErrorCode, String?)

    var description: String {
        switch self {
        case .usage(let text), .connection(let text): text
        case .refused(let subject, let code, let message): "\(subject): \(message ?? code.kafkaName)"
        }
    }

    var exitCode: Int32 {
        if case .usage = self { return 2 }
        return 1
    }

    /// Throws for a code that is an error.
    static func check(_ code: Int16, _ subject: String, _ message: String? = nil) throws(AdminError) {
        guard code != ErrorCode.none.rawValue else { return }
        throw .refused(subject, ErrorCode(rawValue: code), message)
    }
}

extension ErrorCode {
    private static let names: [ErrorCode: String] = [
        .unknownServerError: "UNKNOWN_SERVER_ERROR", .unknownTopicOrPartition: "UNKNOWN_TOPIC_OR_PARTITION",
        .coordinatorNotAvailable: "COORDINATOR_NOT_AVAILABLE", .invalidTopic: "INVALID_TOPIC_EXCEPTION",
        .unknownMemberID: "UNKNOWN_MEMBER_ID", .rebalanceInProgress: "REBALANCE_IN_PROGRESS",
        .topicAuthorizationFailed: "TOPIC_AUTHORIZATION_FAILED",
        .groupAuthorizationFailed: "GROUP_AUTHORIZATION_FAILED",
        .clusterAuthorizationFailed: "CLUSTER_AUTHORIZATION_FAILED", .unsupportedVersion: "UNSUPPORTED_VERSION",
        .unsupportedSASLMechanism: "UNSUPPORTED_SASL_MECHANISM", .topicAlreadyExists: "TOPIC_ALREADY_EXISTS",
        .invalidPartitions: "INVALID_PARTITIONS", .invalidConfig: "INVALID_CONFIG", .invalidRequest: "INVALID_REQUEST",
        .policyViolation: "POLICY_VIOLATION", .securityDisabled: "SECURITY_DISABLED",
        .storageError: "KAFKA_STORAGE_ERROR", .saslAuthenticationFailed: "SASL_AUTHENTICATION_FAILED",
        .groupNotEmpty: "NON_EMPTY_GROUP", .groupIDNotFound: "GROUP_ID_NOT_FOUND",
        .resourceNotFound: "RESOURCE_NOT_FOUND", .duplicateResource: "DUPLICATE_RESOURCE",
        .unacceptableCredential: "UNACCEPTABLE_CREDENTIAL",
    ]

    /// The name by which Apache Kafka's documentation knows the code.
    var kafkaName: String { Self.names[self] ?? "error \(rawValue)" }
}
