import Persistence
import Synchronization
import System
import Telemetry

/// Makes records take effect: together in one transaction, or, when one of them fails, each in its own.
struct RecordApplier: Sendable {
    private static let firstBackOffMilliseconds: Int32 = 20
    private static let maximumBackOffMilliseconds: Int32 = 5000
    /// A transaction takes no further record after this time: calls that somebody waits for stand behind it.
    private static let maximumNanoseconds: UInt64 = 20_000_000

    /// What is ignored is passed in memory for so long before the places are kept.
    private static let keepNanoseconds: UInt64 = 1_000_000_000

    let owner: EventConsumer
    let cluster: String

    /// - Throws: `halted` when a record fails and the policy is to halt; `DatabaseError.closed`.
    func apply(_ batch: [KafkaRecord]) async throws {
        var rest = batch[...]
        if passes(batch) { return }
        do {
            while !rest.isEmpty {
                let records = rest
                let count = try await owner.database.write(priority: .background) { try apply(records, $0) }
                owner.consumed.increment(by: UInt64(count))
                rest = rest.dropFirst(count)
            }
        } catch let error as DatabaseError where error.code == .closed {
            throw error
        } catch {
            guard rest.count > 1 else { return try await applyAlone(rest[rest.startIndex]) }
            // Halves, until what fails is alone.
            let half = rest.count / 2
            try await apply(Array(rest.prefix(half)))
            try await apply(Array(rest.dropFirst(half)))
        }
    }

    /// Whether all records are ignored and the places were kept a moment ago: after a crash they are ignored once more.
    private func passes(_ batch: [KafkaRecord]) -> Bool {
        guard !owner.configuration.ignored.isEmpty, batch.allSatisfy(isIgnored),
            MonotonicClock.nanoseconds - owner.keptAt.load(ordering: .relaxed) < Self.keepNanoseconds
        else { return false }
        owner.consumed.increment(by: UInt64(batch.count))
        owner.positions.advance(owner.configuration.group, to: lastRows(of: batch))
        return true
    }

    private func isIgnored(_ record: KafkaRecord) -> Bool {
        !owner.configuration.ignored.isEmpty && record.type.map(owner.configuration.ignored.contains) ?? false
    }

    /// As many records as a transaction has time for, and at least one; says how many.
    private func apply(_ records: ArraySlice<KafkaRecord>, _ transaction: borrowing Transaction) throws -> Int {
        if case .batch(let handler) = owner.effect {
            try handler(try records.map(delivery), transaction)
            try advance(past: Array(records), transaction)
            return records.count
        }
        let deadline = MonotonicClock.nanoseconds + Self.maximumNanoseconds
        var count = 0
        for record in records {
            try apply(record, transaction)
            count += 1
            if MonotonicClock.nanoseconds > deadline { break }
        }
        try advance(past: Array(records.prefix(count)), transaction)
        return count
    }

    private func applyAlone(_ record: KafkaRecord) async throws {
        var attempts = 0
        var backOff = Self.firstBackOffMilliseconds
        while true {
            attempts += 1
            do {
                try await owner.database.write(priority: .background) { transaction in
                    _ = try apply([record], transaction)
                }
                owner.consumed.increment()
                return
            } catch {
                switch verdict(error, attempts: attempts) {
                case .stop: throw error
                case .failed: return try await fail(record, error, attempts: attempts)
                case .again:
                    if owner.isStopping { throw error }
                    _ = owner.wake.wait(milliseconds: backOff)
                    backOff = min(backOff * 2, Self.maximumBackOffMilliseconds)
                }
            }
        }
    }

    private enum Verdict { case again, failed, stop }

    private func verdict(_ error: any Error, attempts: Int) -> Verdict {
        switch error {
        case let error as DatabaseError where error.code == .closed: .stop
        case let error as DatabaseError where error.isRetriable: .again
        case is TransientFailure: attempts < EventConsumer.maximumAttempts ? .again : .failed
        default: .failed
        }
    }

    private func delivery(_ record: KafkaRecord) throws -> EventConsumer.Delivery {
        let topic = record.originalTopic(of: owner.configuration.group)
        let event = try Event(topic: topic, key: record.key, headers: record.headers, value: record.value)
        return EventConsumer.Delivery(event: event, position: EventPosition(record))
    }

    /// The effect and the inbox row of one record.
    private func apply(_ record: KafkaRecord, _ transaction: borrowing Transaction) throws {
        guard case .each(let handler) = owner.effect, !isIgnored(record) else { return }
        let event = try delivery(record).event
        // Several groups of one service share the inbox, so its source begins with the group.
        let isNew = try transaction.insertIntoInbox(
            source: owner.configuration.group + event.source,
            id: event.id.description,
            at: owner.clock.now
        )
        if isNew { try traced(event, handler, transaction) }
    }

    /// Runs the handler as a span of the event's trace, which what it publishes carries on.
    private func traced(
        _ event: Event,
        _ handler: EventConsumer.Handler,
        _ transaction: borrowing Transaction
    ) throws {
        guard let cause = event.traceparent.flatMap({ TraceContext(traceparent: $0) }) else {
            transaction.trace = nil
            return try handler(event, transaction)
        }
        let context = cause.child()
        let (start, began) = (owner.clock.now, MonotonicClock.nanoseconds)
        transaction.trace = context
        try handler(event, transaction)
        let (group, id) = (owner.configuration.group, event.id)
        let duration = Int64((MonotonicClock.nanoseconds - began) / 1000)
        transaction.afterCommit {
            SpanSink.shared.record(context) {
                Span(
                    context,
                    parentID: cause.spanID,
                    kind: .consumer,
                    name: group,
                    start: start,
                    durationMicroseconds: duration,
                    eventID: id
                )
            }
        }
    }

    /// Keeps how far the group has come: the next offset of each partition, the last outbox row of each source there.
    private func advance(past records: [KafkaRecord], _ transaction: borrowing Transaction) throws {
        let (group, places) = (owner.configuration.group, owner.configuration.places)
        let next = Dictionary(records.map { (EventPosition($0).partition, $0.offset + 1) }, uniquingKeysWith: max)
        for (place, offset) in next {
            let offset = ConsumerOffset(topic: place.topic, partition: place.partition, next: offset)
            try transaction.setOffset(offset, cluster: cluster, group: places)
        }
        let applied = lastRows(of: records)
        for position in applied { try transaction.setAppliedPosition(position, group: places) }
        transaction.afterCommit { [owner] in
            owner.positions.advance(group, to: applied)
            owner.keptAt.store(MonotonicClock.nanoseconds, ordering: .relaxed)
        }
    }

    /// The last outbox row, or the last place in a log-first topic, of each source.
    private func lastRows(of records: [KafkaRecord]) -> [OutboxPosition] {
        let rows = Dictionary(
            records.compactMap(place).map { ($0.stream, $0.row) },
            uniquingKeysWith: max
        )
        return rows.map { OutboxPosition(stream: $0.key, row: $0.value) }
    }

    private func place(of record: KafkaRecord) -> OutboxPosition? {
        guard owner.topics[record.topic]?.isLogFirst == true else { return OutboxPosition(record) }
        return record.source.map { source in
            let stream = OutboxPosition.Stream(source: source, topic: record.topic, partition: record.partition)
            return OutboxPosition(stream: stream, row: OutboxPosition.row(atOffset: record.offset))
        }
    }

    private func fail(_ record: KafkaRecord, _ error: any Error, attempts: Int) async throws {
        let place = "\(record.topic) [\(record.partition)] at \(record.offset)"
        if owner.configuration.failurePolicy == .halt { throw EventError(.halted, "\(place): \(error)") }
        let now = owner.clock.now
        let letter = DeadLetter(record, of: owner.configuration.group, error, attempts: attempts, at: now)
            .row(id: .version7(at: now))
        while true {
            do {
                try await owner.database.write(priority: .background) { transaction in
                    try transaction.appendToOutbox(letter)
                    try advance(past: [record], transaction)
                }
                break
            } catch let error as DatabaseError where error.isRetriable && !owner.isStopping {
                _ = owner.wake.wait(milliseconds: Self.maximumBackOffMilliseconds)
            }
        }
        owner.deadLetters.increment()
        owner.logger.error("record sent to the dead letters", metadata: ["record": "\(place)", "error": "\(error)"])
    }
}
