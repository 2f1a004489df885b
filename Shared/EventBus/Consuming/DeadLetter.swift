import Persistence
import System

/// A record on its way to the dead letters of a group: unchanged, with headers that say where it stood and why it is here.
struct DeadLetter: Sendable {
    private static let errorLength = 500

    let topic: String
    let record: KafkaRecord
    private let added: [(name: String, text: String)]

    init(_ record: KafkaRecord, of group: String, _ error: any Error, attempts: Int, at now: Timestamp) {
        let source = record.originalTopic(of: group)
        topic = Topic(source).deadLetters(of: group).name
        self.record = record
        added = [
            ("dlq.topic", source), ("dlq.partition", String(record.partition)), ("dlq.offset", String(record.offset)),
            ("dlq.group", group), ("dlq.error", String("\(error)".prefix(Self.errorLength))),
            ("dlq.attempts", String(attempts)), ("dlq.time", now.description),
        ]
    }

    private var kept: [EventHeader] { record.headers.filter { !$0.name.hasPrefix("dlq.") } }

    /// To be sent by the outbox.
    func row(id: Identifier) -> OutboxRow {
        OutboxRow(
            eventID: id,
            topic: topic,
            aggregateType: "dlq",
            aggregateID: record.key,
            type: record.headers.last { $0.name == HeaderName.type }?.text ?? "",
            payload: record.value,
            headers: kept.map { OutboxHeader($0.name, $0.value) } + added.map { OutboxHeader($0.name, text: $0.text) }
        )
    }

    /// To be sent without an outbox.
    var message: ProducerMessage {
        let headers = kept + added.map { EventHeader($0.name, $0.text) }
        return ProducerMessage(topic: topic, key: record.key, headers: headers, value: record.value)
    }
}

extension KafkaRecord {
    /// A record of the redrive topic counts as one of the topic it came from.
    func originalTopic(of group: String) -> String {
        let suffix = Topic("").redrive(of: group).name
        return topic.hasSuffix(suffix) ? String(topic.dropLast(suffix.count)) : topic
    }
}
