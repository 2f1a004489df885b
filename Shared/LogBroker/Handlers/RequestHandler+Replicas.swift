import EventLog
import KafkaProtocol
import System

/// What tools ask of a cluster's replicas, answered for one node: ElectLeaders, AlterPartitionReassignments,
/// ListPartitionReassignments, DescribeQuorum and DescribeLogDirs.
extension RequestHandler {
    /// The partition that a KRaft quorum agrees on; tools ask for it by name. Here it has no log.
    private static let metadataTopic = "__cluster_metadata"

    func dispatchReplicas(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .electLeaders: ready(call, electLeaders(try decode(call, &reader, ElectLeadersRequest.init)).encode)
        case .alterPartitionReassignments:
            ready(call, reassign(try decode(call, &reader, AlterPartitionReassignmentsRequest.init)).encode)
        case .listPartitionReassignments:
            ready(call, listReassignments(try decode(call, &reader, ListPartitionReassignmentsRequest.init)).encode)
        case .alterReplicaLogDirs:
            ready(call, alterReplicaLogDirs(try decode(call, &reader, AlterReplicaLogDirsRequest.init)).encode)
        case .describeQuorum: ready(call, describeQuorum(try decode(call, &reader, DescribeQuorumRequest.init)).encode)
        default: ready(call, try await describeLogDirs(decode(call, &reader, DescribeLogDirsRequest.init)).encode)
        }
    }

    private func clusterError(_ operation: AccessOperation) -> ErrorCode {
        isAllowed(operation, .cluster, AccessControl.clusterName) ? .none : .clusterAuthorizationFailed
    }

    private func electLeaders(_ request: ElectLeadersRequest) -> ElectLeadersResponse {
        let error = clusterError(.alter)
        guard error == .none else { return ElectLeadersResponse(errorCode: error.rawValue) }
        // Asked for all, Kafka names only those that had an election.
        return ElectLeadersResponse(
            replicaElectionResults: (request.topicPartitions ?? []).map { topic in
                .init(
                    topic: topic.topic,
                    partitionResult: topic.partitions.map { partition in
                        let isKnown = core.store.partition(topic.topic, partition) != nil
                        let error = isKnown ? ErrorCode.electionNotNeeded : .unknownTopicOrPartition
                        let text = isKnown ? "the one broker leads already" : nil
                        return .init(partitionID: partition, errorCode: error.rawValue, errorMessage: text)
                    }
                )
            }
        )
    }

    /// There is one folder: all that may be asked for is what is so already.
    private func alterReplicaLogDirs(_ request: AlterReplicaLogDirsRequest) -> AlterReplicaLogDirsResponse {
        let refusal = clusterError(.alter)
        var response = AlterReplicaLogDirsResponse()
        for directory in request.dirs {
            let isOurs = directory.path == core.configuration.dataDirectory
            for topic in directory.topics {
                let results = topic.partitions.map { index in
                    let isKnown = core.store.partition(topic.name, index) != nil
                    let error: ErrorCode =
                        refusal != .none
                        ? refusal : !isOurs ? .logDirNotFound : isKnown ? .none : .unknownTopicOrPartition
                    return AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult(
                        partitionIndex: index,
                        errorCode: error.rawValue
                    )
                }
                response.results.append(.init(topicName: topic.name, partitions: results))
            }
        }
        return response
    }

    private func reassign(_ request: AlterPartitionReassignmentsRequest) -> AlterPartitionReassignmentsResponse {
        let error = clusterError(.alter)
        guard error == .none else { return AlterPartitionReassignmentsResponse(errorCode: error.rawValue) }
        return AlterPartitionReassignmentsResponse(
            responses: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        let error = reassignmentError(topic.name, partition.partitionIndex, partition.replicas)
                        return .init(partitionIndex: partition.partitionIndex, errorCode: error.rawValue)
                    }
                )
            }
        )
    }

    private func reassignmentError(_ topic: String, _ partition: Int32, _ replicas: [Int32]?) -> ErrorCode {
        guard core.store.partition(topic, partition) != nil else { return .unknownTopicOrPartition }
        guard let replicas else { return .noReassignmentInProgress }
        return replicas == [core.configuration.nodeID] ? .none : .invalidReplicaAssignment
    }

    private func listReassignments(
        _ request: ListPartitionReassignmentsRequest
    ) -> ListPartitionReassignmentsResponse {
        ListPartitionReassignmentsResponse(errorCode: clusterError(.describe).rawValue)
    }

    private func describeQuorum(_ request: DescribeQuorumRequest) -> DescribeQuorumResponse {
        let error = clusterError(.describe)
        guard error == .none else { return DescribeQuorumResponse(errorCode: error.rawValue) }
        let (node, now) = (core.configuration.nodeID, WallClock.system.now.milliseconds)
        let listener = DescribeQuorumResponse.Listener(
            name: "CONTROLLER",
            host: session.advertised.host,
            port: session.advertised.port
        )
        return DescribeQuorumResponse(
            topics: request.topics.map { topic in
                .init(
                    topicName: topic.topicName,
                    partitions: topic.partitions.map { partition in
                        guard topic.topicName == Self.metadataTopic, partition.partitionIndex == 0 else {
                            let error = ErrorCode.unknownTopicOrPartition
                            return .init(partitionIndex: partition.partitionIndex, errorCode: error.rawValue)
                        }
                        return .init(
                            leaderID: node,
                            leaderEpoch: core.store.leaderEpoch,
                            currentVoters: [
                                .init(
                                    replicaID: node,
                                    logEndOffset: 0,
                                    lastFetchTimestamp: now,
                                    lastCaughtUpTimestamp: now
                                )
                            ]
                        )
                    }
                )
            },
            nodes: [.init(nodeID: node, listeners: [listener])]
        )
    }

    private func describeLogDirs(_ request: DescribeLogDirsRequest) async throws -> DescribeLogDirsResponse {
        let error = clusterError(.describe)
        guard error == .none else { return DescribeLogDirsResponse(errorCode: error.rawValue) }
        let asked = request.topics.map { topics in
            topics.map { (name: $0.topic, partitions: Set($0.partitions)) }
        }
        let (store, directory) = (core.store, core.configuration.dataDirectory)
        let topics = asked ?? store.topics.map { (name: $0.name, partitions: Set(0..<$0.partitions)) }
        return try await core.onReadThread {
            let described = try topics.sorted { $0.name < $1.name }.map { topic in
                DescribeLogDirsResponse.DescribeLogDirsTopic(
                    name: topic.name,
                    partitions: try store.partitions(topic.name)
                        .filter { topic.partitions.contains($0.index) }
                        .map { .init(partitionIndex: $0.index, partitionSize: Int64(try $0.size())) }
                )
            }
            return DescribeLogDirsResponse(results: [.init(logDir: directory, topics: described)])
        }
    }
}
