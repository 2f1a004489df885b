import KafkaProtocol

/// Reads requests of every kind and checks that what was read can be written and read again, where
/// there is a writer.
struct KafkaRequests {
    private var reader: WireReader
    private let key: APIKey
    private let version: Int16
    /// What went wrong that is not the input's fault.
    private(set) var fault: String?

    /// Reads the header; nil when its call or version is not spoken.
    init?(_ bytes: [UInt8]) throws(WireError) {
        reader = WireReader(bytes)
        let header = try RequestHeader(from: &reader)
        guard let key = APIKey(rawValue: header.apiKey), key.versions.contains(header.apiVersion) else { return nil }
        self.key = key
        version = header.apiVersion
    }

    /// Reads the body. Throws what the input is to blame for.
    mutating func readBody() throws(WireError) {
        switch key {
        case .produce: try check(ProduceRequest.init(from:)) { $0.encode(to: &$1) }
        case .fetch: try check(FetchRequest.init(from:)) { $0.encode(to: &$1) }
        case .listOffsets: try check(ListOffsetsRequest.init(from:)) { $0.encode(to: &$1) }
        case .metadata: try check(MetadataRequest.init(from:)) { $0.encode(to: &$1) }
        case .offsetCommit: try check(OffsetCommitRequest.init(from:)) { $0.encode(to: &$1) }
        case .offsetFetch: try check(OffsetFetchRequest.init(from:)) { $0.encode(to: &$1) }
        case .findCoordinator: _ = try FindCoordinatorRequest(from: &reader)
        case .joinGroup: try check(JoinGroupRequest.init(from:)) { $0.encode(to: &$1) }
        case .heartbeat: try check(HeartbeatRequest.init(from:)) { $0.encode(to: &$1) }
        case .leaveGroup: try check(LeaveGroupRequest.init(from:)) { $0.encode(to: &$1) }
        case .syncGroup: try check(SyncGroupRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeGroups: _ = try DescribeGroupsRequest(from: &reader)
        case .listGroups: _ = try ListGroupsRequest(from: &reader)
        case .saslHandshake: try check(SaslHandshakeRequest.init(from:)) { $0.encode(to: &$1) }
        case .apiVersions: try check(ApiVersionsRequest.init(from:)) { $0.encode(to: &$1) }
        case .createTopics: try check(CreateTopicsRequest.init(from:)) { $0.encode(to: &$1) }
        case .deleteTopics: try check(DeleteTopicsRequest.init(from:)) { $0.encode(to: &$1) }
        case .deleteRecords: _ = try DeleteRecordsRequest(from: &reader)
        case .initProducerID: try check(InitProducerIDRequest.init(from:)) { $0.encode(to: &$1) }
        case .offsetForLeaderEpoch: _ = try OffsetForLeaderEpochRequest(from: &reader)
        case .addPartitionsToTxn: try check(AddPartitionsToTxnRequest.init(from:)) { $0.encode(to: &$1) }
        case .addOffsetsToTxn: try check(AddOffsetsToTxnRequest.init(from:)) { $0.encode(to: &$1) }
        case .endTxn: try check(EndTxnRequest.init(from:)) { $0.encode(to: &$1) }
        case .txnOffsetCommit: try check(TxnOffsetCommitRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeAcls: _ = try DescribeAclsRequest(from: &reader)
        case .createAcls: _ = try CreateAclsRequest(from: &reader)
        case .deleteAcls: _ = try DeleteAclsRequest(from: &reader)
        case .describeConfigs: _ = try DescribeConfigsRequest(from: &reader)
        case .alterConfigs: _ = try AlterConfigsRequest(from: &reader)
        case .saslAuthenticate: try check(SaslAuthenticateRequest.init(from:)) { $0.encode(to: &$1) }
        case .createPartitions: _ = try CreatePartitionsRequest(from: &reader)
        case .deleteGroups: _ = try DeleteGroupsRequest(from: &reader)
        case .incrementalAlterConfigs: _ = try IncrementalAlterConfigsRequest(from: &reader)
        case .offsetDelete: _ = try OffsetDeleteRequest(from: &reader)
        case .consumerGroupHeartbeat: _ = try ConsumerGroupHeartbeatRequest(from: &reader)
        case .consumerGroupDescribe: _ = try ConsumerGroupDescribeRequest(from: &reader)
        case .describeCluster: _ = try DescribeClusterRequest(from: &reader)
        case .alterReplicaLogDirs: try check(AlterReplicaLogDirsRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeLogDirs: try check(DescribeLogDirsRequest.init(from:)) { $0.encode(to: &$1) }
        case .electLeaders: try check(ElectLeadersRequest.init(from:)) { $0.encode(to: &$1) }
        case .alterPartitionReassignments:
            try check(AlterPartitionReassignmentsRequest.init(from:)) { $0.encode(to: &$1) }
        case .listPartitionReassignments:
            try check(ListPartitionReassignmentsRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeClientQuotas: try check(DescribeClientQuotasRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeUserScramCredentials:
            try check(DescribeUserScramCredentialsRequest.init(from:)) { $0.encode(to: &$1) }
        case .alterUserScramCredentials: try check(AlterUserScramCredentialsRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeQuorum: try check(DescribeQuorumRequest.init(from:)) { $0.encode(to: &$1) }
        case .listConfigResources: try check(ListConfigResourcesRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeTopicPartitions: try check(DescribeTopicPartitionsRequest.init(from:)) { $0.encode(to: &$1) }
        // A limit that is no number equals nothing, itself neither.
        case .alterClientQuotas: _ = try AlterClientQuotasRequest(from: &reader)
        case .describeProducers: try check(DescribeProducersRequest.init(from:)) { $0.encode(to: &$1) }
        case .describeTransactions: try check(DescribeTransactionsRequest.init(from:)) { $0.encode(to: &$1) }
        case .listTransactions: try check(ListTransactionsRequest.init(from:)) { $0.encode(to: &$1) }
        }
    }

    private mutating func check<Message: Equatable>(
        _ read: (inout WireReader) throws(WireError) -> Message,
        _ encode: (Message, inout WireWriter) -> Void
    ) throws(WireError) {
        let message = try read(&reader)
        guard reader.remaining >= 0 else { return fault = "read past the end" }
        var writer = WireWriter()
        writer.version = version
        writer.isFlexible = key.isFlexible(version)
        encode(message, &writer)
        var again = WireReader(Array(writer.slices.joined()))
        again.version = version
        again.isFlexible = writer.isFlexible
        do {
            let second = try read(&again)
            if second != message || again.remaining > 0 { fault = "\(message) became \(second)" }
        } catch {
            fault = "\(message) cannot be read again: \(error)"
        }
    }
}
