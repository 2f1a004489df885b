import EventLog
import KafkaProtocol

/// DescribeTopicPartitions (KIP-966) and ListConfigResources (KIP-1142).
extension RequestHandler {
    /// Most partitions of one answer (`max.request.partition.size.limit`).
    private static let partitionLimit = 2000
    /// What may have settings, by the protocol's numbers, as far as it exists here.
    private enum Resource {
        static let topic: Int8 = 2
        static let broker: Int8 = 4
        static let clientMetrics: Int8 = 16
    }

    func describeTopicPartitions(_ request: DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
        let limit = min(max(1, Int(request.responsePartitionLimit)), Self.partitionLimit)
        let isAll = request.topics.isEmpty
        let names = isAll ? core.store.topics.map(\.name) : request.topics.map(\.name)
        var response = DescribeTopicPartitionsResponse()
        var room = limit
        for name in Set(names).sorted() where name >= request.cursor?.topicName ?? "" {
            let topic = isAllowed(.describe, .topic, name) ? core.store.topic(named: name) : nil
            guard let topic else {
                if isAll { continue }
                let isPermitted = isAllowed(.describe, .topic, name)
                let error = isPermitted ? ErrorCode.unknownTopicOrPartition : .topicAuthorizationFailed
                let operations = authorizedOperations(.topic, name)
                response.topics.append(
                    .init(errorCode: error.rawValue, name: name, topicAuthorizedOperations: operations)
                )
                continue
            }
            let cursor = request.cursor.flatMap { $0.topicName == name ? $0.partitionIndex : nil }
            let first = min(max(0, cursor ?? 0), topic.partitions)
            let last = min(topic.partitions, first + Int32(room))
            response.topics.append(described(topic, first..<last))
            room -= Int(last - first)
            if last < topic.partitions {
                response.nextCursor = .init(topicName: name, partitionIndex: last)
                break
            }
        }
        return response
    }

    private func described(
        _ topic: Topic,
        _ partitions: Range<Int32>
    ) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        let node = core.configuration.nodeID
        return .init(
            name: topic.name,
            topicID: TopicID(topic.id),
            isInternal: InternalTopic.isOne(topic.name),
            partitions: partitions.map {
                .init(
                    partitionIndex: $0,
                    leaderID: node,
                    leaderEpoch: core.store.leaderEpoch,
                    replicaNodes: [node],
                    isrNodes: [node],
                    eligibleLeaderReplicas: [],
                    lastKnownElr: []
                )
            },
            topicAuthorizedOperations: authorizedOperations(.topic, topic.name)
        )
    }

    func listConfigResources(_ call: Call, _ request: ListConfigResourcesRequest) -> ListConfigResourcesResponse {
        guard isAllowed(.describeConfigs, .cluster, AccessControl.clusterName) else {
            return ListConfigResourcesResponse(errorCode: ErrorCode.clusterAuthorizationFailed.rawValue)
        }
        // Version 0 knows client metrics only, of which there are none.
        guard call.header.apiVersion >= 1 else { return ListConfigResourcesResponse() }
        let known = [Resource.topic, Resource.broker, Resource.clientMetrics]
        let asked = request.resourceTypes.isEmpty ? known : request.resourceTypes
        guard asked.allSatisfy({ known.contains($0) || $0 == 8 || $0 == 32 }) else {
            return ListConfigResourcesResponse(errorCode: ErrorCode.unsupportedVersion.rawValue)
        }
        var response = ListConfigResourcesResponse()
        if asked.contains(Resource.topic) {
            response.configResources += core.store.topics.map(\.name).sorted().map {
                .init(resourceName: $0, resourceType: Resource.topic)
            }
        }
        if asked.contains(Resource.broker) {
            let name = String(core.configuration.nodeID)
            response.configResources.append(.init(resourceName: name, resourceType: Resource.broker))
        }
        return response
    }
}
