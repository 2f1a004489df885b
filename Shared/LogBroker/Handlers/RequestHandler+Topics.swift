import EventLog
import KafkaProtocol

/// CreateTopics, DeleteTopics, CreatePartitions and DeleteRecords.
extension RequestHandler {
    func dispatchTopics(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .createTopics:
            ready(call, await createTopics(try decode(call, &reader, CreateTopicsRequest.init)).encode)
        case .deleteTopics:
            ready(call, await deleteTopics(call, try decode(call, &reader, DeleteTopicsRequest.init)).encode)
        case .createPartitions:
            ready(call, await createPartitions(try decode(call, &reader, CreatePartitionsRequest.init)).encode)
        default: ready(call, await deleteRecords(try decode(call, &reader, DeleteRecordsRequest.init)).encode)
        }
    }

    private func createTopics(_ request: CreateTopicsRequest) async -> CreateTopicsResponse {
        var response = CreateTopicsResponse()
        let named = Dictionary(grouping: request.topics, by: \.name)
        for topic in request.topics where response.topics.allSatisfy({ $0.name != topic.name }) {
            var result = CreateTopicsResponse.CreatableTopicResult(name: topic.name, configs: [])
            do {
                guard named[topic.name]?.count == 1 else { throw ErrorCode.invalidRequest }
                let made = try await create(topic, validateOnly: request.validateOnly)
                result.topicID = made.id
                result.numPartitions = made.partitions
                result.replicationFactor = 1
                result.configs = made.configuration.described.map {
                    .init(name: $0.name, value: $0.value, configSource: $0.source.rawValue)
                }
            } catch {
                result.errorCode = ErrorCode(any: error).rawValue
                result.errorMessage = message(error)
            }
            response.topics.append(result)
        }
        return response
    }

    /// A topic as it was made, or would be.
    private struct MadeTopic: Sendable {
        let id: TopicID
        let partitions: Int32
        let configuration: TopicConfiguration
    }

    private func create(_ topic: CreateTopicsRequest.CreatableTopic, validateOnly: Bool) async throws -> MadeTopic {
        guard isAllowed(.create, .topic, topic.name) || isGrantedByCluster(.create) else {
            throw ErrorCode.topicAuthorizationFailed
        }
        guard LogStore.isLegal(topic.name) else { throw ErrorCode.invalidTopic }
        guard core.store.topic(named: topic.name) == nil else { throw ErrorCode.topicAlreadyExists }
        var partitions = topic.numPartitions == -1 ? core.configuration.defaultPartitions : topic.numPartitions
        if !topic.assignments.isEmpty {
            let node = core.configuration.nodeID
            let indexes = topic.assignments.map(\.partitionIndex).sorted()
            guard indexes == Array(0..<Int32(indexes.count)), topic.assignments.allSatisfy({ $0.brokerIDs == [node] })
            else { throw ErrorCode.invalidReplicaAssignment }
            partitions = Int32(indexes.count)
        } else if topic.replicationFactor != 1, topic.replicationFactor != -1 {
            throw ErrorCode.invalidReplicationFactor
        }
        guard partitions > 0, partitions <= LogStore.maximumPartitions else { throw ErrorCode.invalidPartitions }
        try core.checkRoom(forTopics: 1, partitions: Int(partitions))
        charge(.mutationRate, Double(partitions))
        var overrides: [String: String] = [:]
        for setting in topic.configs { overrides[setting.name] = setting.value }
        let (name, count, settings, store) = (topic.name, partitions, overrides, core.store)
        if validateOnly {
            let configuration = try TopicConfiguration(overrides: settings)
            return MadeTopic(id: .zero, partitions: count, configuration: configuration)
        }
        return try await core.onJobThread {
            let topic = try store.createTopic(name, partitions: count, configuration: settings)
            return MadeTopic(id: TopicID(topic.id), partitions: topic.partitions, configuration: topic.configuration)
        }
    }

    private func deleteTopics(_ call: Call, _ request: DeleteTopicsRequest) async -> DeleteTopicsResponse {
        var response = DeleteTopicsResponse()
        let named = request.topicNames.map { DeleteTopicsRequest.DeleteTopicState(name: $0) }
        for topic in call.header.apiVersion >= 6 ? request.topics : named {
            let name = topic.name ?? topicName(topic.topicID)
            var result = DeleteTopicsResponse.DeletableTopicResult(name: name, topicID: topic.topicID)
            do {
                guard let name else { throw ErrorCode.unknownTopicID }
                guard isAllowed(.delete, .topic, name) else { throw ErrorCode.topicAuthorizationFailed }
                guard !InternalTopic.isOne(name) else { throw ErrorCode.invalidTopic }
                let known = core.store.topic(named: name)
                result.topicID = known.map { TopicID($0.id) } ?? .zero
                charge(.mutationRate, Double(known?.partitions ?? 0))
                let store = core.store
                try await core.onJobThread { try store.deleteTopic(name) }
                try await core.groups.forget(topic: name)
            } catch {
                result.errorCode = ErrorCode(any: error).rawValue
            }
            response.responses.append(result)
        }
        return response
    }

    private func createPartitions(_ request: CreatePartitionsRequest) async -> CreatePartitionsResponse {
        var response = CreatePartitionsResponse()
        for topic in request.topics {
            var result = CreatePartitionsResponse.CreatePartitionsTopicResult(name: topic.name)
            do {
                guard isAllowed(.alter, .topic, topic.name) else { throw ErrorCode.topicAuthorizationFailed }
                let (store, name, count) = (core.store, topic.name, topic.count)
                guard let known = store.topic(named: name) else { throw ErrorCode.unknownTopicOrPartition }
                guard count > known.partitions, count <= LogStore.maximumPartitions else {
                    throw ErrorCode.invalidPartitions
                }
                try core.checkRoom(forTopics: 0, partitions: Int(count - known.partitions))
                charge(.mutationRate, Double(count - known.partitions))
                if !request.validateOnly { try await core.onJobThread { try store.addPartitions(name, total: count) } }
            } catch {
                result.errorCode = ErrorCode(any: error).rawValue
                result.errorMessage = message(error)
            }
            response.results.append(result)
        }
        return response
    }

    private func deleteRecords(_ request: DeleteRecordsRequest) async -> DeleteRecordsResponse {
        var response = DeleteRecordsResponse()
        for topic in request.topics {
            var results: [DeleteRecordsResponse.DeleteRecordsPartitionResult] = []
            for partition in topic.partitions {
                var result = DeleteRecordsResponse.DeleteRecordsPartitionResult(
                    partitionIndex: partition.partitionIndex,
                    lowWatermark: -1
                )
                do {
                    guard isAllowed(.delete, .topic, topic.name) else { throw ErrorCode.topicAuthorizationFailed }
                    let (store, name, index, offset) = (
                        core.store, topic.name, partition.partitionIndex, partition.offset
                    )
                    result.lowWatermark = try await core.onJobThread {
                        try store.deleteRecords(name, index, before: offset)
                    }
                } catch {
                    result.errorCode = ErrorCode(any: error).rawValue
                }
                results.append(result)
            }
            response.topics.append(.init(name: topic.name, partitions: results))
        }
        return response
    }
}
