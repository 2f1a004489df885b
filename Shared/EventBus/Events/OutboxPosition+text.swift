public import Persistence

extension OutboxPosition: LosslessStringConvertible {
    /// `source:topic:partition:row`; opaque to clients.
    public var description: String { "\(stream.source):\(stream.topic):\(stream.partition):\(row)" }

    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].hasPrefix("/"), !parts[1].isEmpty, let partition = Int32(parts[2]),
            partition >= 0, let row = Int64(parts[3]), row > 0
        else { return nil }
        let stream = Stream(source: String(parts[0]), topic: String(parts[1]), partition: partition)
        self.init(stream: stream, row: row)
    }

    /// What stands for the row of a record of a log-first topic (``Topic/isLogFirst``): counted from 1, as rows are.
    public static func row(atOffset offset: Int64) -> Int64 { offset + 1 }

    /// The place of a record that a relay sent; nil for others.
    init?(_ record: KafkaRecord) {
        func text(_ name: String) -> String? { record.headers.last { $0.name == name }?.text }
        guard let source = text(HeaderName.source), let row = text(HeaderName.position).flatMap({ Int64($0) }) else {
            return nil
        }
        self.init(stream: Stream(source: source, topic: record.topic, partition: record.partition), row: row)
    }
}
