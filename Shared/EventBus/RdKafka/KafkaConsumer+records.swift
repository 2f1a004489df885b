import System
import Telemetry

/// What reads a few records of one partition and ends.
extension KafkaConsumer {
    /// Runs `body` with a consumer of its own: one that looks, or that acts in the place of a group. Blocks.
    static func once<Result>(
        _ configuration: KafkaConfiguration,
        member group: String? = nil,
        logger: Logger,
        _ body: (KafkaConsumer) throws(EventError) -> Result
    ) throws(EventError) -> Result {
        let consumer =
            if let group {
                try KafkaConsumer(configuration, member: group, logger: logger)
            } else {
                try KafkaConsumer(configuration, group: nil, logger: logger)
            }
        defer { consumer.close() }
        return try body(consumer)
    }

    private static let silenceNanoseconds: UInt64 = 3_000_000_000
    private static let pollMilliseconds: Int32 = 100

    /// Records from an offset of the log on, in order, up to the log's end: at most so many, and no more once they hold so
    /// many bytes. Blocks.
    ///
    /// - Throws: `gap` when the log does not hold the offset, `broker` when nothing comes for some seconds.
    func records(
        of topic: String,
        partition: Int32,
        from offset: Int64,
        limit: Int,
        byteLimit: Int
    ) throws(EventError) -> [KafkaRecord] {
        try assign(KafkaPartitions([(topic, partition, offset)]))
        var records: [KafkaRecord] = []
        var bytes = 0
        var deadline = MonotonicClock.nanoseconds + Self.silenceNanoseconds
        while records.count < limit, bytes < byteLimit {
            switch poll(milliseconds: Self.pollMilliseconds) {
            case .record(let record):
                records.append(record)
                bytes += record.size
                deadline = MonotonicClock.nanoseconds + Self.silenceNanoseconds
            case .end: return records
            case .outOfRange: throw EventError(.gap, "\(topic) [\(partition)] does not hold \(offset)")
            case .error(let text):
                if isBroken { throw EventError(.broker, text) }
            case nil:
                guard MonotonicClock.nanoseconds < deadline else {
                    throw EventError(.broker, "\(topic) [\(partition)]: no answer")
                }
            }
        }
        return records
    }
}

extension KafkaRecord {
    /// Bytes of key, headers and value.
    fileprivate var size: Int {
        let headers = headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
        return (key?.count ?? 0) + headers + (value?.count ?? 0)
    }
}
