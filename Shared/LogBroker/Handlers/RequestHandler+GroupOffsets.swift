import EventLog
import KafkaProtocol
import System

/// OffsetCommit and OffsetFetch.
extension RequestHandler {
    /// Longest text with an offset (`offset.metadata.max.bytes`).
    private static let maximumMetadata = 4096

    func offsetCommit(_ request: OffsetCommitRequest) async throws -> OffsetCommitResponse {
        let isPermitted = isAllowed(.read, .group, request.groupID)
        var refused: [TopicPartition: ErrorCode] = [:]
        var offsets: [TopicPartition: CommittedOffset] = [:]
        for topic in request.topics {
            let mayRead = isAllowed(.read, .topic, topic.name)
            for partition in topic.partitions {
                let place = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                let text = partition.committedMetadata ?? ""
                if !isPermitted {
                    refused[place] = .groupAuthorizationFailed
                } else if !mayRead {
                    refused[place] = .topicAuthorizationFailed
                } else if core.store.partition(topic.name, partition.partitionIndex) == nil {
                    refused[place] = .unknownTopicOrPartition
                } else if text.utf8.count > Self.maximumMetadata {
                    refused[place] = .offsetMetadataTooLarge
                } else {
                    offsets[place] = CommittedOffset(
                        offset: partition.committedOffset,
                        leaderEpoch: partition.committedLeaderEpoch,
                        metadata: text,
                        timestamp: WallClock.system.now.milliseconds
                    )
                }
            }
        }
        let error =
            isPermitted
            ? try await core.groups.commit(
                request.groupID,
                member: request.memberID,
                instance: request.groupInstanceID,
                generation: request.generationIDOrMemberEpoch,
                offsets
            ) : .none
        return OffsetCommitResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        let place = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                        return .init(
                            partitionIndex: partition.partitionIndex,
                            errorCode: (refused[place] ?? error).rawValue
                        )
                    }
                )
            }
        )
    }

    func offsetFetch(_ call: Call, _ request: OffsetFetchRequest) -> OffsetFetchResponse {
        guard call.header.apiVersion >= 8 else {
            let asked = request.topics?.map { (name: $0.name, partitions: $0.partitionIndexes) }
            guard isAllowed(.describe, .group, request.groupID) else {
                return OffsetFetchResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
            }
            return OffsetFetchResponse(
                topics: fetched(request.groupID, asked).map { topic in
                    .init(name: topic.name, partitions: topic.offsets.map { Self.classic($0) })
                }
            )
        }
        return OffsetFetchResponse(
            groups: request.groups.map { group in
                guard isAllowed(.describe, .group, group.groupID) else {
                    return .init(groupID: group.groupID, errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
                }
                let asked = group.topics?.map { (name: $0.name, partitions: $0.partitionIndexes) }
                return .init(
                    groupID: group.groupID,
                    topics: fetched(group.groupID, asked).map { topic in
                        .init(name: topic.name, partitions: topic.offsets.map { Self.batched($0) })
                    }
                )
            }
        )
    }

    private typealias Fetched = (partition: Int32, offset: CommittedOffset?, error: ErrorCode)

    /// The offsets of the partitions asked for; of all that the group has when `asked` is nil.
    private func fetched(
        _ group: String,
        _ asked: [(name: String, partitions: [Int32])]?
    ) -> [(name: String, offsets: [Fetched])] {
        let offsets = core.groups.offsets(group)
        let all = Dictionary(grouping: offsets.keys, by: \.topic).map {
            (name: $0.key, partitions: $0.value.map(\.partition))
        }
        return (asked ?? all).compactMap { topic in
            let isPermitted = isAllowed(.describe, .topic, topic.name)
            if !isPermitted, asked == nil { return nil }
            return (
                topic.name,
                topic.partitions.map { partition in
                    guard isPermitted else { return (partition, nil, .topicAuthorizationFailed) }
                    return (partition, offsets[TopicPartition(topic: topic.name, partition: partition)], .none)
                }
            )
        }
    }

    private static func classic(_ fetched: Fetched) -> OffsetFetchResponse.OffsetFetchResponsePartition {
        .init(
            partitionIndex: fetched.partition,
            committedOffset: fetched.offset?.offset ?? -1,
            committedLeaderEpoch: fetched.offset?.leaderEpoch ?? -1,
            metadata: fetched.offset?.metadata ?? "",
            errorCode: fetched.error.rawValue
        )
    }

    private static func batched(_ fetched: Fetched) -> OffsetFetchResponse.OffsetFetchResponsePartitions {
        .init(
            partitionIndex: fetched.partition,
            committedOffset: fetched.offset?.offset ?? -1,
            committedLeaderEpoch: fetched.offset?.leaderEpoch ?? -1,
            metadata: fetched.offset?.metadata ?? "",
            errorCode: fetched.error.rawValue
        )
    }
}
