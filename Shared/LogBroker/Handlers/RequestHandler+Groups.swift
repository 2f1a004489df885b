import KafkaProtocol
import Security

/// FindCoordinator and the calls of group members.
extension RequestHandler {
    /// Bounds of `session.timeout.ms`, Kafka's `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.
    private static let sessionTimeouts: ClosedRange<Int32> = 6000...1_800_000
    /// The first JoinGroup version whose clients know MEMBER_ID_REQUIRED (KIP-394).
    private static let firstVersionWithRequiredID: Int16 = 4

    func dispatchGroups(_ call: Call, _ reader: inout WireReader) async throws -> PendingResponse {
        switch call.key {
        case .findCoordinator:
            ready(call, findCoordinator(call, try decode(call, &reader, FindCoordinatorRequest.init)).encode)
        case .joinGroup:
            ready(call, try await joinGroup(call, decode(call, &reader, JoinGroupRequest.init)).encode)
        case .syncGroup: ready(call, try await syncGroup(decode(call, &reader, SyncGroupRequest.init)).encode)
        case .heartbeat: ready(call, heartbeat(try decode(call, &reader, HeartbeatRequest.init)).encode)
        case .leaveGroup:
            ready(call, try await leaveGroup(call, decode(call, &reader, LeaveGroupRequest.init)).encode)
        case .offsetCommit:
            ready(call, try await offsetCommit(call, decode(call, &reader, OffsetCommitRequest.init)).encode)
        case .offsetFetch: ready(call, offsetFetch(call, try decode(call, &reader, OffsetFetchRequest.init)).encode)
        case .consumerGroupHeartbeat:
            ready(call, await heartbeat(call, try decode(call, &reader, ConsumerGroupHeartbeatRequest.init)).encode)
        default: try await dispatchGroupAdmin(call, &reader)
        }
    }

    private func findCoordinator(_ call: Call, _ request: FindCoordinatorRequest) -> FindCoordinatorResponse {
        let node = core.configuration.nodeID
        let (host, port) = (session.advertised.host, Int32(session.advertised.port))
        let keys = call.header.apiVersion >= 4 ? request.coordinatorKeys : [request.key]
        let coordinators = keys.map { key in
            let error: ErrorCode =
                switch request.keyType {
                case 0: isAllowed(.describe, .group, key) ? .none : .groupAuthorizationFailed
                case 1: isAllowed(.describe, .transactionalID, key) ? .none : .transactionalIDAuthorizationFailed
                default: .invalidRequest
                }
            return error == .none
                ? FindCoordinatorResponse.Coordinator(key: key, nodeID: node, host: host, port: port)
                : .init(key: key, nodeID: -1, port: -1, errorCode: error.rawValue)
        }
        let first = coordinators.first
        return FindCoordinatorResponse(
            errorCode: first?.errorCode ?? 0,
            nodeID: first?.nodeID ?? -1,
            host: first?.host ?? "",
            port: first?.port ?? -1,
            coordinators: coordinators
        )
    }

    private func joinGroup(_ call: Call, _ request: JoinGroupRequest) async throws -> JoinGroupResponse {
        func failed(_ error: ErrorCode) -> JoinGroupResponse {
            JoinGroupResponse(errorCode: error.rawValue, protocolName: "", memberID: request.memberID)
        }
        guard !request.groupID.isEmpty else { return failed(.invalidGroupID) }
        guard isAllowed(.read, .group, request.groupID) else { return failed(.groupAuthorizationFailed) }
        guard Self.sessionTimeouts.contains(request.sessionTimeoutMs) else { return failed(.invalidSessionTimeout) }
        let rebalance = request.rebalanceTimeoutMs > 0 ? request.rebalanceTimeoutMs : request.sessionTimeoutMs
        let name = request.groupInstanceID ?? call.header.clientID ?? "member"
        let outcome = try await core.groups.join(
            request.groupID,
            .init(
                memberID: request.memberID,
                instanceID: request.groupInstanceID,
                clientID: call.header.clientID ?? "",
                clientHost: "/" + session.clientHost,
                sessionTimeout: UInt64(request.sessionTimeoutMs) * 1_000_000,
                rebalanceTimeout: UInt64(rebalance) * 1_000_000,
                protocolType: request.protocolType,
                protocols: request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata) },
                requiresKnownID: call.header.apiVersion >= Self.firstVersionWithRequiredID,
                newMemberID: "\(name)-\(SecureRandom.token(byteCount: 16))"
            )
        )
        return JoinGroupResponse(
            errorCode: outcome.error.rawValue,
            generationID: outcome.generation,
            protocolType: outcome.protocolType,
            // Null is allowed from version 7 on.
            protocolName: outcome.protocolName ?? (call.header.apiVersion < 7 ? "" : nil),
            leader: outcome.leader,
            memberID: outcome.memberID,
            members: outcome.members.map {
                .init(memberID: $0.id, groupInstanceID: $0.instanceID, metadata: $0.metadata)
            }
        )
    }

    private func syncGroup(_ request: SyncGroupRequest) async throws -> SyncGroupResponse {
        guard isAllowed(.read, .group, request.groupID) else {
            return SyncGroupResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
        }
        var assignments: [String: [UInt8]] = [:]
        for assignment in request.assignments { assignments[assignment.memberID] = assignment.assignment }
        let outcome = try await core.groups.synchronize(
            request.groupID,
            member: request.memberID,
            instance: request.groupInstanceID,
            generation: request.generationID,
            assignments: assignments
        )
        return SyncGroupResponse(
            errorCode: outcome.error.rawValue,
            protocolType: outcome.protocolType,
            protocolName: outcome.protocolName,
            assignment: outcome.assignment
        )
    }

    private func heartbeat(_ request: HeartbeatRequest) -> HeartbeatResponse {
        guard isAllowed(.read, .group, request.groupID) else {
            return HeartbeatResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
        }
        guard !request.groupID.isEmpty else {
            return HeartbeatResponse(errorCode: ErrorCode.invalidGroupID.rawValue)
        }
        let error = core.groups.heartbeat(
            request.groupID,
            member: request.memberID,
            instance: request.groupInstanceID,
            generation: request.generationID
        )
        return HeartbeatResponse(errorCode: error.rawValue)
    }

    private func leaveGroup(_ call: Call, _ request: LeaveGroupRequest) async throws -> LeaveGroupResponse {
        guard isAllowed(.read, .group, request.groupID) else {
            return LeaveGroupResponse(errorCode: ErrorCode.groupAuthorizationFailed.rawValue)
        }
        if call.header.apiVersion < 3 {
            let error = try await core.groups.leave(request.groupID, member: request.memberID, instance: nil)
            return LeaveGroupResponse(errorCode: error.rawValue)
        }
        var response = LeaveGroupResponse()
        for member in request.members {
            let (id, instance) = (member.memberID, member.groupInstanceID)
            let error = try await core.groups.leave(request.groupID, member: id, instance: instance)
            response.members.append(.init(memberID: id, groupInstanceID: instance, errorCode: error.rawValue))
        }
        return response
    }
}
