import EventLog
import KafkaProtocol
import Security

/// ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848).
extension RequestHandler {
    /// The first version whose clients make their member id themselves (KIP-1082).
    private static let firstVersionWithOwnID: Int16 = 1

    func heartbeat(_ call: Call, _ request: ConsumerGroupHeartbeatRequest) async -> ConsumerGroupHeartbeatResponse {
        do {
            guard isAllowed(.read, .group, request.groupID) else {
                throw GroupRefusal(.groupAuthorizationFailed, "No right to read with this group.")
            }
            for name in request.subscribedTopicNames ?? [] where !isAllowed(.describe, .topic, name) {
                throw GroupRefusal(.topicAuthorizationFailed, "No right to all topics of the subscription.")
            }
            try check(request, version: call.header.apiVersion)
            var request = request
            if request.memberID.isEmpty { request.memberID = SecureRandom.token(byteCount: 16) }
            let client = GroupClient(id: call.header.clientID ?? "", host: "/" + session.clientHost)
            return try await core.groups.heartbeat(request, from: client) { isAllowed(.describe, .topic, $0) }
        } catch let refusal as GroupRefusal {
            return ConsumerGroupHeartbeatResponse(errorCode: refusal.code.rawValue, errorMessage: refusal.message)
        } catch {
            return ConsumerGroupHeartbeatResponse(
                errorCode: ErrorCode(any: error).rawValue,
                errorMessage: message(error)
            )
        }
    }

    /// What is wrong with a request whatever the group.
    private func check(_ request: ConsumerGroupHeartbeatRequest, version: Int16) throws(GroupRefusal) {
        func require(_ isRight: Bool, _ text: String) throws(GroupRefusal) {
            if !isRight { throw GroupRefusal(.invalidRequest, text) }
        }
        func isBlank(_ text: String?) -> Bool { text?.allSatisfy(\.isWhitespace) ?? false }
        try require(!isBlank(request.groupID), "The group id is empty.")
        try require(!isBlank(request.instanceID), "The instance id is empty.")
        try require(!isBlank(request.rackID), "The rack id is empty.")
        if version >= Self.firstVersionWithOwnID || request.memberEpoch != 0 {
            try require(!isBlank(request.memberID), "The member id is empty.")
        }
        switch request.memberEpoch {
        case 1..., -1: break
        case 0:
            try require(request.rebalanceTimeoutMs != -1, "Who joins gives a rebalance timeout.")
            try require(request.topicPartitions?.isEmpty ?? false, "Who joins has no partitions.")
            let subscribes = request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil
            try require(subscribes, "Who joins gives topics or an expression.")
        case MemberStanding.awayEpoch: try require(request.instanceID != nil, "The instance id is null.")
        default: try require(false, "There is no such member epoch.")
        }
        if let assignor = request.serverAssignor, ServerAssignor(rawValue: assignor) == nil {
            let known = ServerAssignor.allCases.map(\.rawValue).joined(separator: ", ")
            throw GroupRefusal(.unsupportedAssignor, "There is no assignor \(assignor), only \(known).")
        }
        if let text = request.subscribedTopicRegex, (try? RegularExpression(text)) == nil {
            throw GroupRefusal(.invalidRegularExpression, "\(text) is no regular expression.")
        }
    }

    func consumerGroupDescribe(_ request: ConsumerGroupDescribeRequest) -> ConsumerGroupDescribeResponse {
        ConsumerGroupDescribeResponse(
            groups: request.groupIDs.map { id in
                func refused(_ error: ErrorCode, _ text: String) -> ConsumerGroupDescribeResponse.DescribedGroup {
                    .init(errorCode: error.rawValue, errorMessage: text, groupID: id)
                }
                guard isAllowed(.describe, .group, id) else {
                    return refused(.groupAuthorizationFailed, "No right to describe this group.")
                }
                guard !id.isEmpty else { return refused(.invalidGroupID, "The group id is empty.") }
                guard let group = core.groups.consumerGroup(id) else {
                    return refused(.groupIDNotFound, "There is no group \(id) whose assignments the broker makes.")
                }
                var described = described(group)
                let topics = described.members.flatMap {
                    ($0.assignment.topicPartitions + $0.targetAssignment.topicPartitions).map(\.topicName)
                        + $0.subscribedTopicNames
                }
                guard Set(topics).allSatisfy({ isAllowed(.describe, .topic, $0) }) else {
                    return refused(.topicAuthorizationFailed, "No right to all topics that the group reads.")
                }
                if request.includeAuthorizedOperations {
                    described.authorizedOperations = authorizedOperations(.group, id)
                }
                return described
            }
        )
    }

    private func described(_ group: ConsumerGroup) -> ConsumerGroupDescribeResponse.DescribedGroup {
        .init(
            groupID: group.id,
            groupState: group.stateName,
            groupEpoch: group.epoch,
            assignmentEpoch: group.targetEpoch,
            assignorName: group.assignor.rawValue,
            members: group.members.values.sorted { $0.id < $1.id }.map { member in
                .init(
                    memberID: member.id,
                    instanceID: member.subscription.instanceID,
                    rackID: member.subscription.rackID,
                    memberEpoch: member.standing.epoch,
                    clientID: member.subscription.clientID,
                    clientHost: member.subscription.clientHost,
                    subscribedTopicNames: member.subscription.topics.sorted(),
                    subscribedTopicRegex: member.subscription.expression ?? "",
                    assignment: named(member.standing.assigned),
                    targetAssignment: named(group.targets[member.id] ?? []),
                    memberType: 1
                )
            }
        )
    }

    private func named(_ assignment: Assignment) -> ConsumerGroupDescribeResponse.Assignment {
        .init(
            topicPartitions: assignment.byTopic.compactMap { topic, partitions in
                topicName(topic).map { .init(topicID: topic, topicName: $0, partitions: partitions) }
            }
        )
    }
}
