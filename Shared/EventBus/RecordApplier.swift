import Persistence
import System
import Telemetry

/// Makes records take effect: together in one transaction, or, when one of them fails, each in its own.
struct RecordApplier: Sendable {
    private static let firstBackOffMilliseconds: Int32 = 20
    private static let maximumBackOffMilliseconds: Int32 = 5000
    /// A transaction takes no further record after this time: calls that somebody waits for stand behind it.
    private static let maximumNanoseconds: UInt64 = 20_000_000

    let owner: EventConsumer
    let cluster: String

    /// - Throws: `halted` when a record fails and the policy is to halt; `DatabaseError.closed`.
    func apply(_ batch: [KafkaRecord]) async throws {
        var rest = batch[...]
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
        let topic = originalTopic(record)
        let event = try Event(topic: topic, key: record.key, headers: record.headers, value: record.value)
        return EventConsumer.Delivery(event: event, position: EventPosition(record))
    }

    /// The effect and the inbox row of one record.
    private func apply(_ record: KafkaRecord, _ transaction: borrowing Transaction) throws {
        guard case .each(let handler) = owner.effect else { return }
        let event = try delivery(record).event
        // Several groups of one service share the inbox, so its source begins with the group.
        let isNew = try transaction.insertIntoInbox(
            source: owner.configuration.group + event.source,
            id: event.id.description,
            at: owner.clock.now
        )
        if isNew { try handler(event, transaction) }
    }

    /// Keeps how far the group has come: the next offset of each partition, the last outbox row of each source there.
    private func advance(past records: [KafkaRecord], _ transaction: borrowing Transaction) throws {
        let (group, places) = (owner.configuration.group, owner.configuration.places)
        let next = Dictionary(records.map { (EventPosition($0).partition, $0.offset + 1) }, uniquingKeysWith: max)
        for (place, offset) in next {
            let offset = ConsumerOffset(topic: place.topic, partition: place.partition, next: offset)
            try transaction.setOffset(offset, cluster: cluster, group: places)
        }
        let rows = Dictionary(
            records.compactMap(OutboxPosition.init).map { ($0.stream, $0.row) },
            uniquingKeysWith: max
        )
        let applied = rows.map { OutboxPosition(stream: $0.key, row: $0.value) }
        for position in applied { try transaction.setAppliedPosition(position, group: places) }
        transaction.afterCommit { [positions = owner.positions] in positions.advance(group, to: applied) }
    }

    /// A record of the redrive topic counts as one of the topic it came from.
    private func originalTopic(_ record: KafkaRecord) -> String {
        let suffix = ".\(owner.configuration.group).redrive"
        return record.topic.hasSuffix(suffix) ? String(record.topic.dropLast(suffix.count)) : record.topic
    }

    private func fail(_ record: KafkaRecord, _ error: any Error, attempts: Int) async throws {
        let place = "\(record.topic) [\(record.partition)] at \(record.offset)"
        if owner.configuration.failurePolicy == .halt { throw EventError(.halted, "\(place): \(error)") }
        let letter = deadLetter(record, error, attempts: attempts)
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

    private func deadLetter(_ record: KafkaRecord, _ error: any Error, attempts: Int) -> OutboxRow {
        let group = owner.configuration.group
        let topic = originalTopic(record)
        let kept = record.headers.filter { !$0.name.hasPrefix("dlq.") }.map { OutboxHeader($0.name, $0.value) }
        let added = [
            OutboxHeader("dlq.topic", text: topic),
            OutboxHeader("dlq.partition", text: String(record.partition)),
            OutboxHeader("dlq.offset", text: String(record.offset)),
            OutboxHeader("dlq.group", text: group),
            OutboxHeader("dlq.error", text: String("\(error)".prefix(500))),
            OutboxHeader("dlq.attempts", text: String(attempts)),
            OutboxHeader("dlq.time", text: owner.clock.now.description),
        ]
        return OutboxRow(
            eventID: .version7(at: owner.clock.now),
            topic: Topic(topic).deadLetters(of: group).name,
            aggregateType: "dlq",
            aggregateID: record.key,
            type: record.headers.last { $0.name == HeaderName.type }?.text ?? "",
            payload: record.value,
            headers: kept + added
        )
    }
}
