import EventLog
import KafkaProtocol
import Synchronization

/// A group, for a list.
struct ListedGroup: Sendable {
    enum Kind: String, Sendable {
        case classic
        case consumer
    }

    let id: String
    let protocolType: String
    let state: String
    let kind: Kind
}

/// Deleting and looking.
extension GroupCoordinator {
    /// Deletes the offsets of some partitions (OffsetDelete).
    func delete(_ partitions: [TopicPartition], of id: String) async throws -> ErrorCode {
        guard exists(id) else { return .groupIDNotFound }
        return try await store(partitions.map { OffsetRecord(group: id, partition: $0, value: nil) })
    }

    /// Deletes a group without members, with its offsets.
    func delete(_ id: String) async throws -> ErrorCode {
        let (isEmpty, partitions) = state.withLock { state in
            let members = state.consumers[id]?.members.count ?? state.groups[id]?.members.count
            return (members.map { $0 == 0 }, Array(state.offsets[id, default: [:]].keys))
        }
        guard let isEmpty else { return .groupIDNotFound }
        guard isEmpty else { return .groupNotEmpty }
        if !partitions.isEmpty {
            let error = try await store(partitions.map { OffsetRecord(group: id, partition: $0, value: nil) })
            guard error == .none else { return error }
        }
        state.withLock { state in
            if state.offsets[id] == nil { state.groups[id] = nil }
        }
        return try await forget(id)
    }

    /// A topic was deleted: nobody has read any of it.
    func forget(topic: String) async throws {
        let records = state.withLock { state in
            state.offsets.flatMap { group, partitions in
                partitions.keys.filter { $0.topic == topic }.map {
                    OffsetRecord(group: group, partition: $0, value: nil)
                }
            }
        }
        if !records.isEmpty { _ = try await store(records) }
    }

    private func exists(_ id: String) -> Bool {
        state.withLock { $0.groups[id] != nil || $0.consumers[id] != nil }
    }

    /// A classic group's state; nil when there is none.
    func group(_ id: String) -> ClassicGroup? { state.withLock { $0.groups[id] } }

    /// The state of a group whose assignments the broker makes; nil when there is none.
    func consumerGroup(_ id: String) -> ConsumerGroup? { state.withLock { $0.consumers[id] } }

    /// All groups.
    var all: [ListedGroup] {
        state.withLock { state in
            let classic = state.groups.values.map {
                ListedGroup(id: $0.id, protocolType: $0.protocolType ?? "", state: $0.stateName, kind: .classic)
            }
            return classic
                + state.consumers.values.map {
                    ListedGroup(id: $0.id, protocolType: "consumer", state: $0.stateName, kind: .consumer)
                }
        }
    }
}
