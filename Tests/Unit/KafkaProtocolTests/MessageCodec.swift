import KafkaProtocol

/// A message that can be read and written.
protocol Message: Sendable {
    init(from reader: inout WireReader) throws(WireError)
    func encode(to writer: inout WireWriter)
}

/// Reads a body and writes it again.
struct MessageCodec: Sendable {
    /// What is left unread, and the bytes written.
    typealias Copy = (unread: Int, bytes: [UInt8])

    let request: any Message.Type
    let response: any Message.Type

    init(_ request: any Message.Type, _ response: any Message.Type) {
        (self.request, self.response) = (request, response)
    }

    /// Decodes all of the frame and encodes what came of it.
    func copy(_ frame: GoldenFrame, of key: APIKey) throws -> Copy {
        var reader = WireReader(frame.bytes)
        reader.version = frame.version
        reader.isFlexible = key.isFlexible(frame.version)
        let message = try (frame.isRequest ? request : response).init(from: &reader)
        var writer = WireWriter()
        writer.version = frame.version
        writer.isFlexible = key.isFlexible(frame.version)
        message.encode(to: &writer)
        return (reader.remaining, Array(writer.slices.joined()))
    }

    /// A call that is missing here has frames that nobody reads: a test says so.
    static let all: [APIKey: MessageCodec] = [
        .produce: MessageCodec(ProduceRequest.self, ProduceResponse.self),
        .fetch: MessageCodec(FetchRequest.self, FetchResponse.self),
        .listOffsets: MessageCodec(ListOffsetsRequest.self, ListOffsetsResponse.self),
        .metadata: MessageCodec(MetadataRequest.self, MetadataResponse.self),
        .offsetCommit: MessageCodec(OffsetCommitRequest.self, OffsetCommitResponse.self),
        .offsetFetch: MessageCodec(OffsetFetchRequest.self, OffsetFetchResponse.self),
        .findCoordinator: MessageCodec(FindCoordinatorRequest.self, FindCoordinatorResponse.self),
        .joinGroup: MessageCodec(JoinGroupRequest.self, JoinGroupResponse.self),
        .heartbeat: MessageCodec(HeartbeatRequest.self, HeartbeatResponse.self),
        .leaveGroup: MessageCodec(LeaveGroupRequest.self, LeaveGroupResponse.self),
        .syncGroup: MessageCodec(SyncGroupRequest.self, SyncGroupResponse.self),
        .describeGroups: MessageCodec(DescribeGroupsRequest.self, DescribeGroupsResponse.self),
        .listGroups: MessageCodec(ListGroupsRequest.self, ListGroupsResponse.self),
        .saslHandshake: MessageCodec(SaslHandshakeRequest.self, SaslHandshakeResponse.self),
        .apiVersions: MessageCodec(ApiVersionsRequest.self, ApiVersionsResponse.self),
        .createTopics: MessageCodec(CreateTopicsRequest.self, CreateTopicsResponse.self),
        .deleteTopics: MessageCodec(DeleteTopicsRequest.self, DeleteTopicsResponse.self),
        .deleteRecords: MessageCodec(DeleteRecordsRequest.self, DeleteRecordsResponse.self),
        .initProducerID: MessageCodec(InitProducerIDRequest.self, InitProducerIDResponse.self),
        .offsetForLeaderEpoch: MessageCodec(OffsetForLeaderEpochRequest.self, OffsetForLeaderEpochResponse.self),
        .addPartitionsToTxn: MessageCodec(AddPartitionsToTxnRequest.self, AddPartitionsToTxnResponse.self),
        .addOffsetsToTxn: MessageCodec(AddOffsetsToTxnRequest.self, AddOffsetsToTxnResponse.self),
        .endTxn: MessageCodec(EndTxnRequest.self, EndTxnResponse.self),
        .txnOffsetCommit: MessageCodec(TxnOffsetCommitRequest.self, TxnOffsetCommitResponse.self),
        .describeAcls: MessageCodec(DescribeAclsRequest.self, DescribeAclsResponse.self),
        .createAcls: MessageCodec(CreateAclsRequest.self, CreateAclsResponse.self),
        .deleteAcls: MessageCodec(DeleteAclsRequest.self, DeleteAclsResponse.self),
        .describeConfigs: MessageCodec(DescribeConfigsRequest.self, DescribeConfigsResponse.self),
        .alterConfigs: MessageCodec(AlterConfigsRequest.self, AlterConfigsResponse.self),
        .saslAuthenticate: MessageCodec(SaslAuthenticateRequest.self, SaslAuthenticateResponse.self),
        .createPartitions: MessageCodec(CreatePartitionsRequest.self, CreatePartitionsResponse.self),
        .deleteGroups: MessageCodec(DeleteGroupsRequest.self, DeleteGroupsResponse.self),
        .incrementalAlterConfigs: MessageCodec(
            IncrementalAlterConfigsRequest.self,
            IncrementalAlterConfigsResponse.self
        ),
        .offsetDelete: MessageCodec(OffsetDeleteRequest.self, OffsetDeleteResponse.self),
        .consumerGroupHeartbeat: MessageCodec(ConsumerGroupHeartbeatRequest.self, ConsumerGroupHeartbeatResponse.self),
        .consumerGroupDescribe: MessageCodec(ConsumerGroupDescribeRequest.self, ConsumerGroupDescribeResponse.self),
        .describeCluster: MessageCodec(DescribeClusterRequest.self, DescribeClusterResponse.self),
        .alterReplicaLogDirs: MessageCodec(AlterReplicaLogDirsRequest.self, AlterReplicaLogDirsResponse.self),
        .describeLogDirs: MessageCodec(DescribeLogDirsRequest.self, DescribeLogDirsResponse.self),
        .electLeaders: MessageCodec(ElectLeadersRequest.self, ElectLeadersResponse.self),
        .alterPartitionReassignments: MessageCodec(
            AlterPartitionReassignmentsRequest.self,
            AlterPartitionReassignmentsResponse.self
        ),
        .listPartitionReassignments: MessageCodec(
            ListPartitionReassignmentsRequest.self,
            ListPartitionReassignmentsResponse.self
        ),
        .describeClientQuotas: MessageCodec(DescribeClientQuotasRequest.self, DescribeClientQuotasResponse.self),
        .alterClientQuotas: MessageCodec(AlterClientQuotasRequest.self, AlterClientQuotasResponse.self),
        .describeUserScramCredentials: MessageCodec(
            DescribeUserScramCredentialsRequest.self,
            DescribeUserScramCredentialsResponse.self
        ),
        .alterUserScramCredentials: MessageCodec(
            AlterUserScramCredentialsRequest.self,
            AlterUserScramCredentialsResponse.self
        ),
        .describeQuorum: MessageCodec(DescribeQuorumRequest.self, DescribeQuorumResponse.self),
        .listConfigResources: MessageCodec(ListConfigResourcesRequest.self, ListConfigResourcesResponse.self),
        .describeProducers: MessageCodec(DescribeProducersRequest.self, DescribeProducersResponse.self),
        .describeTransactions: MessageCodec(DescribeTransactionsRequest.self, DescribeTransactionsResponse.self),
        .listTransactions: MessageCodec(ListTransactionsRequest.self, ListTransactionsResponse.self),
        .describeTopicPartitions: MessageCodec(
            DescribeTopicPartitionsRequest.self,
            DescribeTopicPartitionsResponse.self
        ),
    ]
}

extension ProduceRequest: Message {}
extension ProduceResponse: Message {}
extension FetchRequest: Message {}
extension FetchResponse: Message {}
extension ListOffsetsRequest: Message {}
extension ListOffsetsResponse: Message {}
extension MetadataRequest: Message {}
extension MetadataResponse: Message {}
extension OffsetCommitRequest: Message {}
extension OffsetCommitResponse: Message {}
extension OffsetFetchRequest: Message {}
extension OffsetFetchResponse: Message {}
extension FindCoordinatorRequest: Message {}
extension FindCoordinatorResponse: Message {}
extension JoinGroupRequest: Message {}
extension JoinGroupResponse: Message {}
extension HeartbeatRequest: Message {}
extension HeartbeatResponse: Message {}
extension LeaveGroupRequest: Message {}
extension LeaveGroupResponse: Message {}
extension SyncGroupRequest: Message {}
extension SyncGroupResponse: Message {}
extension DescribeGroupsRequest: Message {}
extension DescribeGroupsResponse: Message {}
extension ListGroupsRequest: Message {}
extension ListGroupsResponse: Message {}
extension SaslHandshakeRequest: Message {}
extension SaslHandshakeResponse: Message {}
extension ApiVersionsRequest: Message {}
extension ApiVersionsResponse: Message {}
extension CreateTopicsRequest: Message {}
extension CreateTopicsResponse: Message {}
extension DeleteTopicsRequest: Message {}
extension DeleteTopicsResponse: Message {}
extension DeleteRecordsRequest: Message {}
extension DeleteRecordsResponse: Message {}
extension InitProducerIDRequest: Message {}
extension InitProducerIDResponse: Message {}
extension OffsetForLeaderEpochRequest: Message {}
extension OffsetForLeaderEpochResponse: Message {}
extension AddPartitionsToTxnRequest: Message {}
extension AddPartitionsToTxnResponse: Message {}
extension AddOffsetsToTxnRequest: Message {}
extension AddOffsetsToTxnResponse: Message {}
extension EndTxnRequest: Message {}
extension EndTxnResponse: Message {}
extension TxnOffsetCommitRequest: Message {}
extension TxnOffsetCommitResponse: Message {}
extension DescribeAclsRequest: Message {}
extension DescribeAclsResponse: Message {}
extension CreateAclsRequest: Message {}
extension CreateAclsResponse: Message {}
extension DeleteAclsRequest: Message {}
extension DeleteAclsResponse: Message {}
extension DescribeConfigsRequest: Message {}
extension DescribeConfigsResponse: Message {}
extension AlterConfigsRequest: Message {}
extension AlterConfigsResponse: Message {}
extension SaslAuthenticateRequest: Message {}
extension SaslAuthenticateResponse: Message {}
extension CreatePartitionsRequest: Message {}
extension CreatePartitionsResponse: Message {}
extension DeleteGroupsRequest: Message {}
extension DeleteGroupsResponse: Message {}
extension IncrementalAlterConfigsRequest: Message {}
extension IncrementalAlterConfigsResponse: Message {}
extension OffsetDeleteRequest: Message {}
extension OffsetDeleteResponse: Message {}
extension ConsumerGroupHeartbeatRequest: Message {}
extension ConsumerGroupHeartbeatResponse: Message {}
extension ConsumerGroupDescribeRequest: Message {}
extension ConsumerGroupDescribeResponse: Message {}
extension DescribeClusterRequest: Message {}
extension DescribeClusterResponse: Message {}
extension AlterReplicaLogDirsRequest: Message {}
extension AlterReplicaLogDirsResponse: Message {}
extension DescribeLogDirsRequest: Message {}
extension DescribeLogDirsResponse: Message {}
extension ElectLeadersRequest: Message {}
extension ElectLeadersResponse: Message {}
extension AlterPartitionReassignmentsRequest: Message {}
extension AlterPartitionReassignmentsResponse: Message {}
extension ListPartitionReassignmentsRequest: Message {}
extension ListPartitionReassignmentsResponse: Message {}
extension DescribeClientQuotasRequest: Message {}
extension DescribeClientQuotasResponse: Message {}
extension AlterClientQuotasRequest: Message {}
extension AlterClientQuotasResponse: Message {}
extension DescribeUserScramCredentialsRequest: Message {}
extension DescribeUserScramCredentialsResponse: Message {}
extension AlterUserScramCredentialsRequest: Message {}
extension AlterUserScramCredentialsResponse: Message {}
extension DescribeQuorumRequest: Message {}
extension DescribeQuorumResponse: Message {}
extension ListConfigResourcesRequest: Message {}
extension ListConfigResourcesResponse: Message {}
extension DescribeTopicPartitionsRequest: Message {}
extension DescribeTopicPartitionsResponse: Message {}
extension DescribeProducersRequest: Message {}
extension DescribeProducersResponse: Message {}
extension DescribeTransactionsRequest: Message {}
extension DescribeTransactionsResponse: Message {}
extension ListTransactionsRequest: Message {}
extension ListTransactionsResponse: Message {}
