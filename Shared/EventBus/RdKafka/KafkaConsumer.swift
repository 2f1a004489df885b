import CRdKafka
import Synchronization
import System
import Telemetry

/// A record as it was consumed.
struct KafkaRecord: Sendable {
    let topic: String
    let partition: Int32
    let offset: Int64
    let timestamp: Int64
    let key: [UInt8]?
    let headers: [EventHeader]
    let value: [UInt8]?

    /// Who published the event; nil when the record names nobody.
    var source: String? { headers.first { $0.name == HeaderName.source }?.text }
    /// The event's type; nil when the record names none.
    var type: String? { headers.first { $0.name == HeaderName.type }?.text }
}

/// What a poll brought.
enum KafkaPoll: Sendable {
    case record(KafkaRecord)
    /// Everything of the partition before the offset has been read for now.
    case end(topic: String, partition: Int32, offset: Int64)
    /// The offset to read is not in the partition's log.
    case outOfRange(topic: String, partition: Int32)
    /// librdkafka goes on by itself.
    case error(String)
}

/// A librdkafka consumer. Rule: all methods on one thread.
final class KafkaConsumer: Sendable {
    private static let closeMilliseconds: Int32 = 1000
    let client: KafkaClient
    private let pending: Pending

    /// What the owner has not acted on yet.
    private final class Pending: Sendable {
        let partitions = Mutex<KafkaPartitions?>(nil)
        let isMirrorLost = Atomic<Bool>(false)
    }

    /// Without a group the caller assigns.
    convenience init(_ configuration: KafkaConfiguration, group: String?, logger: Logger) throws(EventError) {
        try self.init(configuration, identity: Self.identity(of: group), logger: logger)
    }

    /// One of several members of a group, none of whom is known by name.
    convenience init(_ configuration: KafkaConfiguration, member group: String, logger: Logger) throws(EventError) {
        try self.init(configuration, identity: ["group.id": group], logger: logger)
    }

    private init(
        _ configuration: KafkaConfiguration,
        identity: [String: String],
        logger: Logger
    ) throws(EventError) {
        let pending = Pending()
        let hooks = try KafkaHooks(
            logger: logger,
            onRebalance: { isAssigned, partitions in
                pending.partitions.withLock { $0 = isAssigned ? partitions : nil }
            },
            onCommitFailure: { pending.isMirrorLost.store(true, ordering: .relaxed) }
        )
        client = try KafkaClient(
            type: RD_KAFKA_CONSUMER,
            settings: [
                KafkaConfiguration.common, KafkaConfiguration.consumer, configuration.properties, identity,
            ],
            hooks: hooks
        )
        self.pending = pending
        unsafe rd_kafka_poll_set_consumer(client.handle)
    }

    /// One process serves a database, so the group's member is static (KIP-345): after a crash it has its partitions back
    /// at once instead of after a session timeout.
    private static func identity(of group: String?) -> [String: String] {
        guard let group else { return ["group.id": "marquee-broadcast"] }
        return ["group.id": group, "group.instance.id": "\(group)-1"]
    }

    /// Whether the client can go on; librdkafka's way out is another client.
    var isBroken: Bool {
        unsafe rd_kafka_fatal_error(client.handle, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR
    }

    func subscribe(to topics: [String]) throws(EventError) {
        let list = KafkaPartitions(topics.map { ($0, -1, -1001) })
        try check("subscribe", unsafe list.withList { unsafe rd_kafka_subscribe(client.handle, $0) })
    }

    /// The partitions that the group has assigned since the last call; the caller assigns them with their offsets.
    func takeAssignment() -> KafkaPartitions? {
        pending.partitions.withLock { partitions in
            defer { partitions = nil }
            return partitions
        }
    }

    func assign(_ partitions: KafkaPartitions) throws(EventError) {
        try check("assign", unsafe partitions.withList { unsafe rd_kafka_assign(client.handle, $0) })
    }

    /// Whether the broker did not keep what ``commitMirror(_:)`` told it since the last call: it is to be told again.
    func takeMirrorLoss() -> Bool { pending.isMirrorLost.exchange(false, ordering: .relaxed) }

    /// Tells the broker where the group is; lag tools read it, nothing else does.
    func commitMirror(_ partitions: KafkaPartitions) {
        _ = unsafe partitions.withList { unsafe rd_kafka_commit(client.handle, $0, 1) }
    }

    /// Tells the broker where a group without members is, and waits for its word. Blocks.
    func commit(_ partitions: KafkaPartitions) throws(EventError) {
        try check("commit", unsafe partitions.withList { unsafe rd_kafka_commit(client.handle, $0, 0) })
    }

    /// The last of these: waits for the answer, at most so long.
    func commitMirror(_ partitions: KafkaPartitions, withinMilliseconds milliseconds: Int32) {
        let queue = unsafe rd_kafka_queue_new(client.handle)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let code = unsafe partitions.withList { unsafe rd_kafka_commit_queue(client.handle, $0, queue, nil, nil) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let event = unsafe rd_kafka_queue_poll(queue, milliseconds) else {
            return
        }
        unsafe rd_kafka_event_destroy(event)
    }

    /// The first offsets at or after a time in milliseconds; -1 where every record is older. Blocks.
    func offsets(
        at milliseconds: Int64,
        of partitions: KafkaPartitions,
        timeoutMilliseconds: Int32
    ) throws(EventError) -> KafkaPartitions {
        let asked = KafkaPartitions(partitions.elements.map { ($0.topic, $0.partition, milliseconds) })
        var found = KafkaPartitions([])
        let code = unsafe asked.withList { list in
            let code = unsafe rd_kafka_offsets_for_times(client.handle, list, timeoutMilliseconds)
            unsafe found = KafkaPartitions(copying: list)
            return code
        }
        try check("offsets for times", code)
        return found
    }

    /// Where the logs begin. Blocks.
    ///
    /// Not `rd_kafka_query_watermark_offsets`: that waits without end for a broker that goes away meanwhile.
    func starts(of partitions: KafkaPartitions, timeoutMilliseconds: Int32) throws(EventError) -> KafkaPartitions {
        try bounds(.earliest, of: partitions, timeoutMilliseconds)
    }

    /// Where the logs end. Blocks, one request a broker.
    func ends(of partitions: KafkaPartitions, timeoutMilliseconds: Int32) throws(EventError) -> KafkaPartitions {
        try bounds(.latest, of: partitions, timeoutMilliseconds)
    }

    /// What the protocol's ListOffsets takes instead of a time.
    private enum Bound: Int64 {
        case latest = -1
        case earliest = -2
    }

    private func bounds(
        _ bound: Bound,
        of partitions: KafkaPartitions,
        _ timeoutMilliseconds: Int32
    ) throws(EventError) -> KafkaPartitions {
        let found = try offsets(at: bound.rawValue, of: partitions, timeoutMilliseconds: timeoutMilliseconds)
        for element in found.elements where element.offset < 0 {
            throw EventError(.broker, "offsets of \(element.topic) [\(element.partition)]: none")
        }
        return found
    }

    /// Nil when nothing came within the time.
    func poll(milliseconds: Int32) -> KafkaPoll? {
        if let polled = poll() { return polled }
        guard milliseconds > 0 else { return nil }
        client.waitForArrival(milliseconds: milliseconds)
        return poll()
    }

    private func poll() -> KafkaPoll? {
        guard let message = unsafe rd_kafka_consumer_poll(client.handle, 0) else { return nil }
        defer { unsafe rd_kafka_message_destroy(message) }
        let name = unsafe message.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) } ?? ""
        let partition = unsafe message.pointee.partition
        switch unsafe message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR: return unsafe .record(Self.record(message, topic: name))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            return unsafe .end(topic: name, partition: partition, offset: message.pointee.offset)
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: return .outOfRange(topic: name, partition: partition)
        default: return .error(unsafe "\(name) [\(partition)]: \(String(cString: rd_kafka_message_errstr(message)))")
        }
    }

    @unsafe private static func record(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: String)
        -> KafkaRecord
    {
        let fields = unsafe message.pointee
        return unsafe KafkaRecord(
            topic: topic,
            partition: fields.partition,
            offset: fields.offset,
            timestamp: rd_kafka_message_timestamp(message, nil),
            key: copy(fields.key, fields.key_len),
            headers: headers(message),
            value: copy(fields.payload, fields.len)
        )
    }

    @unsafe private static func headers(_ message: UnsafePointer<rd_kafka_message_t>) -> [EventHeader] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [] }
        var headers: [EventHeader] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            let text = unsafe name.map { unsafe String(cString: $0) } ?? ""
            unsafe headers.append(EventHeader(text, copy(value, size)))
        }
        return headers
    }

    @unsafe private static func copy(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start = unsafe start else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func check(_ operation: String, _ code: rd_kafka_resp_err_t?) throws(EventError) {
        guard let code else { throw EventError(.broker, "\(operation): no memory") }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw EventError(.broker, "\(operation): \(KafkaClient.name(code))")
        }
    }

    /// Frees everything. Blocks for at most `closeMilliseconds`.
    ///
    /// Not through `rd_kafka_consumer_close`: what it would tell the broker is not needed, for a static member does not
    /// leave its group and the offsets are the database's. And librdkafka lets go only when the broker has answered or
    /// its requests have timed out, which nobody waits for.
    func close() {
        guard let closed = try? Semaphore(), let thread = try? freeing(closed) else { return client.destroy() }
        if closed.wait(milliseconds: Self.closeMilliseconds) { thread.join() }
    }

    private func freeing(_ closed: Semaphore) throws -> Thread {
        try Thread.start(name: "consumer-close") { [client] in
            client.destroy()
            closed.signal()
        }
    }
}
