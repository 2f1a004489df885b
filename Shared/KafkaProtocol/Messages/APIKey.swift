/// The calls of the protocol that have a codec here, with the versions that are spoken (KIP-896 and what deployed
/// clients ask for) and the first version in the flexible encoding of KIP-482.
public enum APIKey: Int16, Sendable, CaseIterable {
    /// Produce.
    case produce = 0
    /// Fetch.
    case fetch = 1
    /// ListOffsets.
    case listOffsets = 2
    /// Metadata.
    case metadata = 3
    /// OffsetCommit.
    case offsetCommit = 8
    /// OffsetFetch.
    case offsetFetch = 9
    /// FindCoordinator.
    case findCoordinator = 10
    /// JoinGroup.
    case joinGroup = 11
    /// Heartbeat.
    case heartbeat = 12
    /// LeaveGroup.
    case leaveGroup = 13
    /// SyncGroup.
    case syncGroup = 14
    /// DescribeGroups.
    case describeGroups = 15
    /// ListGroups.
    case listGroups = 16
    /// SaslHandshake.
    case saslHandshake = 17
    /// ApiVersions.
    case apiVersions = 18
    /// CreateTopics.
    case createTopics = 19
    /// DeleteTopics.
    case deleteTopics = 20
    /// DeleteRecords.
    case deleteRecords = 21
    /// InitProducerId.
    case initProducerID = 22
    /// OffsetForLeaderEpoch.
    case offsetForLeaderEpoch = 23
    /// AddPartitionsToTxn.
    case addPartitionsToTxn = 24
    /// AddOffsetsToTxn.
    case addOffsetsToTxn = 25
    /// EndTxn.
    case endTxn = 26
    /// TxnOffsetCommit.
    case txnOffsetCommit = 28
    /// DescribeAcls.
    case describeAcls = 29
    /// CreateAcls.
    case createAcls = 30
    /// DeleteAcls.
    case deleteAcls = 31
    /// DescribeConfigs.
    case describeConfigs = 32
    /// AlterConfigs.
    case alterConfigs = 33
    /// AlterReplicaLogDirs.
    case alterReplicaLogDirs = 34
    /// DescribeLogDirs.
    case describeLogDirs = 35
    /// SaslAuthenticate.
    case saslAuthenticate = 36
    /// CreatePartitions.
    case createPartitions = 37
    /// DeleteGroups.
    case deleteGroups = 42
    /// ElectLeaders.
    case electLeaders = 43
    /// IncrementalAlterConfigs.
    case incrementalAlterConfigs = 44
    /// AlterPartitionReassignments.
    case alterPartitionReassignments = 45
    /// ListPartitionReassignments.
    case listPartitionReassignments = 46
    /// OffsetDelete.
    case offsetDelete = 47
    /// DescribeClientQuotas.
    case describeClientQuotas = 48
    /// AlterClientQuotas.
    case alterClientQuotas = 49
    /// DescribeUserScramCredentials.
    case describeUserScramCredentials = 50
    /// AlterUserScramCredentials.
    case alterUserScramCredentials = 51
    /// DescribeQuorum.
    case describeQuorum = 55
    /// DescribeCluster.
    case describeCluster = 60
    /// ConsumerGroupHeartbeat (KIP-848).
    case consumerGroupHeartbeat = 68
    /// ConsumerGroupDescribe (KIP-848).
    case consumerGroupDescribe = 69
    /// ListConfigResources.
    case listConfigResources = 74
    /// DescribeTopicPartitions.
    case describeTopicPartitions = 75
    /// DescribeProducers.
    case describeProducers = 61
    /// DescribeTransactions.
    case describeTransactions = 65
    /// ListTransactions.
    case listTransactions = 66

    /// The versions whose messages can be read and written.
    public var versions: ClosedRange<Int16> {
        switch self {
        case .produce: 3...13
        case .fetch: 4...17
        case .listOffsets: 1...9
        case .metadata: 0...13
        case .offsetCommit: 2...9
        case .offsetFetch: 1...9
        case .findCoordinator: 0...6
        case .joinGroup: 0...9
        case .heartbeat: 0...4
        case .leaveGroup: 0...5
        case .syncGroup: 0...5
        case .describeGroups: 0...6
        case .listGroups: 0...5
        case .saslHandshake: 0...1
        case .apiVersions: 0...4
        case .createTopics: 2...7
        case .deleteTopics: 1...6
        case .deleteRecords: 0...2
        case .initProducerID: 0...5
        case .offsetForLeaderEpoch: 2...4
        case .addPartitionsToTxn: 0...3
        case .addOffsetsToTxn: 0...4
        case .endTxn: 0...4
        case .txnOffsetCommit: 0...4
        case .describeAcls: 1...3
        case .createAcls: 1...3
        case .deleteAcls: 1...3
        case .describeConfigs: 1...4
        case .alterConfigs: 0...2
        case .alterReplicaLogDirs: 1...2
        case .describeLogDirs: 1...4
        case .saslAuthenticate: 0...2
        case .createPartitions: 0...3
        case .deleteGroups: 0...2
        case .electLeaders: 0...2
        case .incrementalAlterConfigs: 0...1
        case .alterPartitionReassignments: 0...1
        case .listPartitionReassignments: 0...0
        case .offsetDelete: 0...0
        case .describeClientQuotas: 0...1
        case .alterClientQuotas: 0...1
        case .describeUserScramCredentials: 0...0
        case .alterUserScramCredentials: 0...0
        case .describeQuorum: 0...2
        case .describeCluster: 0...2
        case .consumerGroupHeartbeat: 0...1
        case .consumerGroupDescribe: 0...1
        case .listConfigResources: 0...1
        case .describeTopicPartitions: 0...0
        case .describeProducers: 0...0
        case .describeTransactions: 0...0
        case .listTransactions: 0...2
        }
    }

    /// The first version with compact lengths and tagged fields; nil for none.
    public var firstFlexibleVersion: Int16? {
        switch self {
        case .produce: 9
        case .fetch: 12
        case .listOffsets: 6
        case .metadata: 9
        case .offsetCommit: 8
        case .offsetFetch: 6
        case .findCoordinator: 3
        case .joinGroup: 6
        case .heartbeat: 4
        case .leaveGroup: 4
        case .syncGroup: 4
        case .describeGroups: 5
        case .listGroups: 3
        case .saslHandshake: nil
        case .apiVersions: 3
        case .createTopics: 5
        case .deleteTopics: 4
        case .deleteRecords: 2
        case .initProducerID: 2
        case .offsetForLeaderEpoch: 4
        case .addPartitionsToTxn: 3
        case .addOffsetsToTxn: 3
        case .endTxn: 3
        case .txnOffsetCommit: 3
        case .describeAcls: 2
        case .createAcls: 2
        case .deleteAcls: 2
        case .describeConfigs: 4
        case .alterConfigs: 2
        case .alterReplicaLogDirs: 2
        case .describeLogDirs: 2
        case .saslAuthenticate: 2
        case .createPartitions: 2
        case .deleteGroups: 2
        case .electLeaders: 2
        case .incrementalAlterConfigs: 1
        case .alterPartitionReassignments: 0
        case .listPartitionReassignments: 0
        case .offsetDelete: nil
        case .describeClientQuotas: 1
        case .alterClientQuotas: 1
        case .describeUserScramCredentials: 0
        case .alterUserScramCredentials: 0
        case .describeQuorum: 0
        case .describeCluster: 0
        case .consumerGroupHeartbeat: 0
        case .consumerGroupDescribe: 0
        case .listConfigResources: 0
        case .describeTopicPartitions: 0
        case .describeProducers: 0
        case .describeTransactions: 0
        case .listTransactions: 0
        }
    }

    /// Whether messages of this version use the flexible encoding.
    public func isFlexible(_ version: Int16) -> Bool {
        firstFlexibleVersion.map { version >= $0 } ?? false
    }

    /// The first version whose response begins with `throttle_time_ms`; nil when none does.
    public var firstVersionThatTellsThrottle: Int16? {
        switch self {
        // In ApiVersions, Produce and OffsetDelete it stands elsewhere.
        case .produce, .apiVersions, .offsetDelete, .saslHandshake, .saslAuthenticate, .describeQuorum: nil
        case .metadata, .offsetCommit, .offsetFetch: 3
        case .listOffsets, .joinGroup, .createTopics, .offsetForLeaderEpoch: 2
        case .fetch, .findCoordinator, .heartbeat, .leaveGroup, .syncGroup, .describeGroups, .listGroups,
            .deleteTopics:
            1
        default: 0
        }
    }
}
