import EventLog
import KafkaProtocol

extension RequestHandler {
    func metadata(_ call: Call, _ request: MetadataRequest) async throws -> MetadataResponse {
        var response = try await topics(call, request)
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = authorizedClusterOperations()
        }
        if request.includeTopicAuthorizedOperations {
            for (index, topic) in response.topics.enumerated() {
                response.topics[index].topicAuthorizedOperations = authorizedOperations(.topic, topic.name ?? "")
            }
        }
        return response
    }

    private func topics(_ call: Call, _ request: MetadataRequest) async throws -> MetadataResponse {
        var response = MetadataResponse(
            brokers: [
                .init(
                    nodeID: core.configuration.nodeID,
                    host: session.advertised.host,
                    port: Int32(session.advertised.port)
                )
            ],
            clusterID: core.store.clusterID.kafkaText,
            controllerID: core.configuration.nodeID
        )
        // Version 0 has no null: there an empty list asks for all.
        guard let asked = request.topics, !(call.header.apiVersion == 0 && asked.isEmpty) else {
            response.topics = core.store.topics.filter { isAllowed(.describe, .topic, $0.name) }.map(described)
            return response
        }
        for topic in asked {
            response.topics.append(try await describe(topic, mayCreate: request.allowAutoTopicCreation))
        }
        return response
    }

    private func describe(
        _ asked: MetadataRequest.MetadataRequestTopic,
        mayCreate: Bool
    ) async throws -> MetadataResponse.MetadataResponseTopic {
        guard let name = asked.name else {
            guard let name = topicName(asked.topicID), let topic = core.store.topic(named: name),
                isAllowed(.describe, .topic, name)
            else { return .init(errorCode: ErrorCode.unknownTopicID.rawValue, name: "", topicID: asked.topicID) }
            return described(topic)
        }
        guard isAllowed(.describe, .topic, name) else {
            return .init(errorCode: ErrorCode.topicAuthorizationFailed.rawValue, name: name)
        }
        if let topic = core.store.topic(named: name) { return described(topic) }
        do {
            guard mayCreate, core.configuration.createsTopics, session.isTrusted,
                isAllowed(.create, .topic, name) || isGrantedByCluster(.create)
            else { throw ErrorCode.unknownTopicOrPartition }
            return described(try await create(name))
        } catch {
            return .init(errorCode: ErrorCode(any: error).rawValue, name: name)
        }
    }

    private func create(_ name: String) async throws -> Topic {
        let (store, partitions) = (core.store, core.configuration.defaultPartitions)
        try core.checkRoom(forTopics: 1, partitions: Int(partitions))
        return try await core.onJobThread {
            do throws(LogError) {
                return try store.createTopic(name, partitions: partitions)
            } catch .topicExists {
                // Another client was first.
                guard let topic = store.topic(named: name) else { throw LogError.unknownTopicOrPartition }
                return topic
            }
        }
    }

    private func described(_ topic: Topic) -> MetadataResponse.MetadataResponseTopic {
        let node = core.configuration.nodeID
        return .init(
            name: topic.name,
            topicID: TopicID(topic.id),
            isInternal: InternalTopic.isOne(topic.name),
            partitions: (0..<topic.partitions).map { index in
                .init(
                    partitionIndex: index,
                    leaderID: node,
                    leaderEpoch: core.store.leaderEpoch,
                    replicaNodes: [node],
                    isrNodes: [node]
                )
            }
        )
    }
}

/// Topics that belong to the broker.
enum InternalTopic {
    /// Committed offsets and groups.
    static let offsets = "__consumer_offsets"
    /// Transactional ids and their transactions.
    static let transactions = "__transaction_state"

    static func isOne(_ name: String) -> Bool { name == offsets || name == transactions }
}
