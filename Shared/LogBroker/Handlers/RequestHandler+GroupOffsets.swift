import EventLog
import KafkaProtocol
import System

/// OffsetCommit and OffsetFetch.
extension RequestHandler {
    /// Longest text with an offset (`offset.metadata.max.bytes`).
    private static let maximumMetadata = 4096

    func offsetCommit(_ call: Call, _ request: OffsetCommitRequest) async throws -> OffsetCommitResponse {
        var commits = OffsetCommits(group: request.groupID)
        for topic in request.topics {
            for partition in topic.partitions {
                add(
                    topic.name,
                    partition.partitionIndex,
                    partition.committedOffset,
                    partition.committedLeaderEpoch,
                    partition.committedMetadata,
                    to: &commits
                )
            }
        }
        let error =
            isAllowed(.read, .group, request.groupID)
            ? try await core.groups.commit(
                request.groupID,
                member: request.memberID,
                instance: request.groupInstanceID,
                generation: request.generationIDOrMemberEpoch,
                version: call.header.apiVersion,
                commits.records
            ) : .none
        return OffsetCommitResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        let code = commits.code(topic.name, $0.partitionIndex, otherwise: error)
                        return .init(partitionIndex: $0.partitionIndex, errorCode: code)
                    }
                )
            }
        )
    }

    /// Adds what a client wants committed, or why that cannot be, whoever the member is.
    func add(
        _ topic: String,
        _ partition: Int32,
        _ offset: Int64,
        _ leaderEpoch: Int32,
        _ metadata: String?,
        to commits: inout OffsetCommits
    ) {
        let place = TopicPartition(topic: topic, partition: partition)
        let metadata = metadata ?? ""
        if !isAllowed(.read, .group, commits.group) {
            commits.refused[place] = .groupAuthorizationFailed
        } else if !isAllowed(.read, .topic, topic) {
            commits.refused[place] = .topicAuthorizationFailed
        } else if core.store.partition(topic, partition) == nil {
            commits.refused[place] = .unknownTopicOrPartition
        } else if metadata.utf8.count > Self.maximumMetadata {
            commits.refused[place] = .offsetMetadataTooLarge
        } else {
            let value = CommittedOffset(
                offset: offset,
                leaderEpoch: leaderEpoch,
                metadata: metadata,
                timestamp: WallClock.system.now.milliseconds
            )
            commits.records.append(OffsetRecord(group: commits.group, partition: place, value: value))
        }
    }

    func offsetFetch(_ call: Call, _ request: OffsetFetchRequest) -> OffsetFetchResponse {
        guard call.header.apiVersion >= 8 else {
            let asked = request.topics?.map { (name: $0.name, partitions: $0.partitionIndexes) }
            guard isAllowed(.describe, .group, request.groupID) else {
                return OffsetFetchResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
            }
            return OffsetFetchResponse(
                topics: fetched(request.groupID, asked, request.requireStable).map { topic in
                    .init(name: topic.name, partitions: topic.offsets.map { Self.classic($0) })
                }
            )
        }
        return OffsetFetchResponse(
            groups: request.groups.map { group in
                guard isAllowed(.describe, .group, group.groupID) else {
                    return .init(groupID: group.groupID, errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
                }
                let error = core.groups.checkFetch(group.groupID, member: group.memberID, epoch: group.memberEpoch)
                guard error == .none else { return .init(groupID: group.groupID, errorCode: error.rawValue) }
                let asked = group.topics?.map { (name: $0.name, partitions: $0.partitionIndexes) }
                return .init(
                    groupID: group.groupID,
                    topics: fetched(group.groupID, asked, request.requireStable).map { topic in
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
        _ asked: [(name: String, partitions: [Int32])]?,
        _ requiresStable: Bool
    ) -> [(name: String, offsets: [Fetched])] {
        // In this order: an offset that is no longer pending is committed by then.
        let unstable = requiresStable ? core.groups.unstablePartitions(group) : []
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
                    let place = TopicPartition(topic: topic.name, partition: partition)
                    guard !unstable.contains(place) else { return (partition, nil, .unstableOffsetCommit) }
                    return (partition, offsets[place], .none)
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

/// The offsets that one request wants committed.
struct OffsetCommits {
    let group: String
    /// Those that may be.
    var records: [OffsetRecord] = []
    /// Why others may not.
    var refused: [TopicPartition: ErrorCode] = [:]

    /// The code to answer for a partition, where `error` says how it went with those that may be committed.
    func code(_ topic: String, _ partition: Int32, otherwise error: ErrorCode) -> Int16 {
        (refused[TopicPartition(topic: topic, partition: partition)] ?? error).rawValue
    }
}
