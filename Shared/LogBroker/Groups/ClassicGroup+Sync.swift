import KafkaProtocol

/// Handing out the leader's assignment.
extension ClassicGroup {
    /// Takes a sync; the reply comes under `token`, now or when the leader has assigned.
    mutating func synchronize(
        _ memberID: String,
        instance: String?,
        generation asked: Int32,
        assignments: [String: [UInt8]],
        token: UInt64,
        now: UInt64
    ) {
        let error = check(memberID, instance: instance, generation: asked)
        guard error == .none else { return reply(.synchronized(token: token, .failed(error))) }
        members[memberID]?.renew(now)
        switch phase {
        case .empty: reply(.synchronized(token: token, .failed(.unknownMemberID)))
        case .preparing: reply(.synchronized(token: token, .failed(.rebalanceInProgress)))
        case .stable: reply(.synchronized(token: token, outcome(members[memberID]?.assignment ?? [])))
        case .completing:
            members[memberID]?.syncToken = token
            if leader == memberID { assign(assignments, now: now) }
        }
    }

    private mutating func assign(_ assignments: [String: [UInt8]], now: UInt64) {
        phase = .stable
        for (id, member) in members {
            let assignment = assignments[id] ?? []
            members[id]?.assignment = assignment
            guard let token = member.syncToken else { continue }
            members[id]?.syncToken = nil
            members[id]?.renew(now)
            reply(.synchronized(token: token, outcome(assignment)))
        }
    }

    private func outcome(_ assignment: [UInt8]) -> SyncOutcome {
        SyncOutcome(protocolType: protocolType, protocolName: protocolName, assignment: assignment)
    }
}
