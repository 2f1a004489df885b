import EventLog
import KafkaProtocol

/// DescribeGroups, ListGroups, DeleteGroups and OffsetDelete.
extension RequestHandler {
    func dispatchGroupAdmin(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .describeGroups:
            ready(call, describeGroups(call, try decode(call, &reader, DescribeGroupsRequest.init)).encode)
        case .consumerGroupDescribe:
            ready(call, consumerGroupDescribe(try decode(call, &reader, ConsumerGroupDescribeRequest.init)).encode)
        case .listGroups: ready(call, listGroups(try decode(call, &reader, ListGroupsRequest.init)).encode)
        case .deleteGroups:
            ready(call, try await deleteGroups(decode(call, &reader, DeleteGroupsRequest.init)).encode)
        default: ready(call, try await offsetDelete(decode(call, &reader, OffsetDeleteRequest.init)).encode)
        }
    }

    private func describeGroups(_ call: Call, _ request: DescribeGroupsRequest) -> DescribeGroupsResponse {
        DescribeGroupsResponse(
            groups: request.groups.map { id in
                let operations = request.includeAuthorizedOperations ? authorizedOperations(.group, id) : .min
                guard isAllowed(.describe, .group, id) else {
                    return .init(errorCode: ErrorCode.groupAuthorizationFailed.rawValue, groupID: id)
                }
                guard let group = core.groups.group(id) else {
                    // From version 6 on an unknown group is an error (KIP-1043).
                    guard call.header.apiVersion >= 6 else {
                        return .init(groupID: id, groupState: "Dead", authorizedOperations: operations)
                    }
                    let error = ErrorCode.groupIDNotFound.rawValue
                    return .init(
                        errorCode: error,
                        errorMessage: "Group \(id) not found.",
                        groupID: id,
                        groupState: "Dead"
                    )
                }
                return .init(
                    groupID: id,
                    groupState: group.stateName,
                    protocolType: group.protocolType ?? "",
                    protocolData: group.protocolName ?? "",
                    members: group.members.values.sorted { $0.order < $1.order }.map {
                        .init(
                            memberID: $0.id,
                            groupInstanceID: $0.instanceID,
                            clientID: $0.clientID,
                            clientHost: $0.clientHost,
                            memberMetadata: $0.metadata(group.protocolName),
                            memberAssignment: $0.assignment
                        )
                    },
                    authorizedOperations: operations
                )
            }
        )
    }

    private func listGroups(_ request: ListGroupsRequest) -> ListGroupsResponse {
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        let seesAll = isGrantedByCluster(.describe)
        let groups = core.groups.all.filter { group in
            (states.isEmpty || states.contains(group.state.lowercased()))
                && (types.isEmpty || types.contains(group.kind.rawValue))
                && (seesAll || isAllowed(.describe, .group, group.id))
        }
        return ListGroupsResponse(
            groups: groups.map {
                .init(
                    groupID: $0.id,
                    protocolType: $0.protocolType,
                    groupState: $0.state,
                    groupType: $0.kind.rawValue
                )
            }
        )
    }

    private func deleteGroups(_ request: DeleteGroupsRequest) async throws -> DeleteGroupsResponse {
        var response = DeleteGroupsResponse()
        for id in request.groupsNames {
            let isPermitted = isAllowed(.delete, .group, id)
            let error = isPermitted ? try await core.groups.delete(id) : .groupAuthorizationFailed
            response.results.append(.init(groupID: id, errorCode: error.rawValue))
        }
        return response
    }

    private func offsetDelete(_ request: OffsetDeleteRequest) async throws -> OffsetDeleteResponse {
        guard isAllowed(.delete, .group, request.groupID) else {
            return OffsetDeleteResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
        }
        let readable = Set(request.topics.map(\.name).filter { isAllowed(.read, .topic, $0) })
        let partitions = request.topics.filter { readable.contains($0.name) }.flatMap { topic in
            topic.partitions.map { TopicPartition(topic: topic.name, partition: $0.partitionIndex) }
        }
        let subscribed = Set(readable.filter { core.groups.isSubscribed(request.groupID, to: $0) })
        let known = partitions.filter {
            core.store.partition($0.topic, $0.partition) != nil && !subscribed.contains($0.topic)
        }
        let error = try await core.groups.delete(known, of: request.groupID)
        guard error == .none else { return OffsetDeleteResponse(errorCode: error.rawValue) }
        return OffsetDeleteResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        let isKnown = core.store.partition(topic.name, partition.partitionIndex) != nil
                        let code: ErrorCode =
                            !readable.contains(topic.name)
                            ? .topicAuthorizationFailed
                            : !isKnown
                                ? .unknownTopicOrPartition
                                : subscribed.contains(topic.name) ? .groupSubscribedToTopic : .none
                        return .init(partitionIndex: partition.partitionIndex, errorCode: code.rawValue)
                    }
                )
            }
        )
    }
}
