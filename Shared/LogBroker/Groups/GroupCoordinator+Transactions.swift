import EventLog
import KafkaProtocol
import Reactor
import System

/// Offsets that are committed together with the records of a transaction (KIP-98, KIP-447).
extension GroupCoordinator {
    /// The partition of all groups' offsets, as transactions know it.
    static let partition = TopicPartition(topic: InternalTopic.offsets, partition: 0)

    /// Whether a member may give offsets to its transaction.
    func checkTransactionalCommit(_ id: String, member: String, instance: String?, generation: Int32) -> ErrorCode {
        // Before version 3 of the call nothing is said of the member.
        if generation < 0, member.isEmpty, instance == nil { return .none }
        let error = check(id, member: member, instance: instance, generation: generation, version: nil)
        // Clients do not expect to hear of it here: the member is known and its generation the present one.
        return error == .rebalanceInProgress ? .none : error
    }

    /// Stores offsets that count when the producer's transaction commits; `waiter` hears when they are durable. Called
    /// under the transaction's lock. Errors: as `PartitionLog.append`.
    func appendPending(
        _ records: [OffsetRecord],
        by producer: ProducerIdentity,
        _ waiter: Waiter<ErrorCode>
    ) throws(LogError) {
        var placed = records
        let appended = try log.append(&placed, producer: producer, now: clock.now.milliseconds)
        // The marker that takes them up cannot follow before the lock is free.
        update { [placed] pending in
            for record in placed { pending.add(record, by: producer.id) }
        }
        log.whenDurable(appended) { [self, placed] result in
            let isStored = (try? result.get()) != nil
            if !isStored {
                update { pending in
                    for record in placed { pending.remove(record, by: producer.id) }
                }
            }
            waiter.resume(.success(isStored ? .none : .coordinatorNotAvailable))
        }
    }

    /// Writes the marker that ends the producer's transaction; when that is durable its offsets count or are gone.
    /// Errors: as `PartitionLog.append`.
    func endTransaction(
        of producer: ProducerIdentity,
        commits: Bool,
        done: @escaping @Sendable (Bool) -> Void
    ) throws(LogError) {
        try log.end(producer, commits: commits) { [self] result in
            guard case .success = result else { return done(false) }
            apply(commits ? .commit : .abort, of: producer.id)
            done(true)
        }
    }
}
