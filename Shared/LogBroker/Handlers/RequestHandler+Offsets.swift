import EventLog
import KafkaProtocol

/// ListOffsets and OffsetForLeaderEpoch.
extension RequestHandler {
    /// Timestamps with a meaning of their own.
    private enum Special {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let maximum: Int64 = -3
        static let earliestLocal: Int64 = -4
        static let latestTiered: Int64 = -5

        /// The versions of ListOffsets that know it.
        static func isKnown(_ timestamp: Int64, in version: Int16) -> Bool {
            switch timestamp {
            case maximum: version >= 7
            case earliestLocal: version >= 8
            case latestTiered: version >= 9
            default: timestamp >= earliest
            }
        }
    }

    func listOffsets(_ call: Call, _ request: ListOffsetsRequest) async throws -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        for topic in request.topics {
            let isPermitted = isAllowed(.describe, .topic, topic.name)
            var partitions: [ListOffsetsResponse.ListOffsetsPartitionResponse] = []
            for partition in topic.partitions {
                var answer = ListOffsetsResponse.ListOffsetsPartitionResponse(partitionIndex: partition.partitionIndex)
                do {
                    guard isPermitted else { throw ErrorCode.topicAuthorizationFailed }
                    guard Special.isKnown(partition.timestamp, in: call.header.apiVersion) else {
                        throw ErrorCode.unsupportedVersion
                    }
                    try await find(partition, topic.name, request.isolationLevel == 1, into: &answer)
                } catch {
                    answer.errorCode = ErrorCode(any: error).rawValue
                }
                partitions.append(answer)
            }
            response.topics.append(.init(name: topic.name, partitions: partitions))
        }
        return response
    }

    private func find(
        _ partition: ListOffsetsRequest.ListOffsetsPartition,
        _ topic: String,
        _ isCommitted: Bool,
        into answer: inout ListOffsetsResponse.ListOffsetsPartitionResponse
    ) async throws {
        guard let log = core.store.partition(topic, partition.partitionIndex) else {
            throw ErrorCode.unknownTopicOrPartition
        }
        try checkEpoch(partition.currentLeaderEpoch, log)
        if !log.isKnown { try await core.open([log]) }
        let bounds = log.bounds
        var found: PartitionLog.TimedOffset?
        switch partition.timestamp {
        case Special.latest: answer.offset = isCommitted ? bounds.stableEnd : bounds.durableEnd
        case Special.earliest, Special.earliestLocal: answer.offset = bounds.start
        case Special.maximum: found = try await core.onReadThread { try log.maximumTimestamp() }
        case 0...:
            let timestamp = partition.timestamp
            found = try await core.onReadThread { try log.offset(forTimestamp: timestamp) }
        default: break
        }
        // Kafka answers nothing rather than a record that a reader of committed ones does not get yet.
        if let found, !isCommitted || found.offset < bounds.stableEnd {
            answer.offset = found.offset
            answer.timestamp = found.timestamp
        }
        if answer.offset >= 0 { answer.leaderEpoch = log.leaderEpoch }
    }

    func offsetForLeaderEpoch(_ request: OffsetForLeaderEpochRequest) async throws -> OffsetForLeaderEpochResponse {
        let logs = request.topics.flatMap { topic in
            topic.partitions.compactMap { core.store.partition(topic.topic, $0.partition) }
        }
        try await core.open(logs.filter { !$0.isOpen })
        return OffsetForLeaderEpochResponse(
            topics: request.topics.map { topic in
                let isPermitted = isAllowed(.describe, .topic, topic.topic)
                return .init(
                    topic: topic.topic,
                    partitions: topic.partitions.map { partition in
                        var answer = OffsetForLeaderEpochResponse.EpochEndOffset(partition: partition.partition)
                        do {
                            guard isPermitted else { throw ErrorCode.topicAuthorizationFailed }
                            guard let log = core.store.partition(topic.topic, partition.partition) else {
                                throw ErrorCode.unknownTopicOrPartition
                            }
                            try checkEpoch(partition.currentLeaderEpoch, log)
                            let asked = partition.leaderEpoch
                            if 0...log.leaderEpoch ~= asked, let end = try log.end(ofEpoch: asked) {
                                answer.leaderEpoch = end.epoch
                                answer.endOffset = end.endOffset
                            }
                        } catch {
                            answer.errorCode = ErrorCode(any: error).rawValue
                        }
                        return answer
                    }
                )
            }
        )
    }
}
