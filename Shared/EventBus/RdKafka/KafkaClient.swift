import CRdKafka
import Synchronization
import Telemetry

/// What librdkafka calls back into; it lives as long as its client.
final class KafkaHooks: Sendable {
    /// Takes librdkafka's own log lines.
    let logger: Logger
    /// Partitions were assigned (true) or revoked (false); runs on the polling thread, which must assign them.
    let onRebalance: @Sendable (Bool, KafkaPartitions) -> Void
    /// Offsets that were to be committed were not; runs on the polling thread.
    let onCommitFailure: @Sendable () -> Void
    /// Signalled when the client's queue is not empty any more.
    let arrivals: Wake

    /// - Throws: `broker` without a descriptor.
    init(
        logger: Logger,
        onRebalance: @escaping @Sendable (Bool, KafkaPartitions) -> Void = { _, _ in },
        onCommitFailure: @escaping @Sendable () -> Void = {}
    ) throws(EventError) {
        do {
            arrivals = try Wake()
        } catch {
            throw EventError(.broker, "\(error)")
        }
        self.logger = logger
        self.onRebalance = onRebalance
        self.onCommitFailure = onCommitFailure
    }
}

/// One librdkafka client: handle, settings, log lines. Its methods may be called on any thread until `destroy`, which
/// its owner calls once, last, and not on an event loop: it blocks.
@safe final class KafkaClient: @unchecked Sendable {  // rd_kafka_t is thread-safe (rdkafka.h); `handle` never changes
    let handle: OpaquePointer
    private let hooks: Unmanaged<KafkaHooks>
    private let topics = Mutex<[String: TopicHandle]>([:])

    @safe private struct TopicHandle: @unchecked Sendable {  // rd_kafka_topic_t is thread-safe
        let pointer: OpaquePointer
    }

    /// - Throws: `broker` for a property that librdkafka does not know or whose value it refuses.
    init(type: rd_kafka_type_t, settings: [[String: String]], hooks: KafkaHooks) throws(EventError) {
        guard let conf = unsafe rd_kafka_conf_new() else { throw EventError(.broker, "no memory") }
        let merged = settings.reduce(into: [:]) { all, more in all.merge(more) { _, new in new } }
        var text = [CChar](repeating: 0, count: 512)
        for (name, value) in merged.sorted(by: { $0.key < $1.key }) {
            guard unsafe rd_kafka_conf_set(conf, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
                unsafe rd_kafka_conf_destroy(conf)
                throw EventError(.broker, "\(name): \(Self.string(text))")
            }
        }
        let retained = unsafe Unmanaged.passRetained(hooks)
        unsafe rd_kafka_conf_set_opaque(conf, retained.toOpaque())
        unsafe Self.setCallbacks(conf, type: type)
        guard let handle = unsafe rd_kafka_new(type, conf, &text, text.count) else {
            unsafe rd_kafka_conf_destroy(conf)
            unsafe retained.release()
            throw EventError(.broker, Self.string(text))
        }
        unsafe self.handle = handle
        unsafe self.hooks = retained
        let isConsumer = type == RD_KAFKA_CONSUMER
        let queue = unsafe isConsumer ? rd_kafka_queue_get_consumer(handle) : rd_kafka_queue_get_main(handle)
        unsafe rd_kafka_queue_cb_event_enable(queue, Self.arrived, retained.toOpaque())
        unsafe rd_kafka_queue_destroy(queue)
    }

    private static let arrived: @convention(c) @Sendable (OpaquePointer?, UnsafeMutableRawPointer?) -> Void = {
        @Sendable _, opaque in
        guard let opaque = unsafe opaque else { return }
        unsafe Unmanaged<KafkaHooks>.fromOpaque(opaque).takeUnretainedValue().arrivals.signal()
    }

    /// Sleeps until something has come into the client's queue; poll it without a time then. Blocks.
    ///
    /// librdkafka's own waits end at an instant of the wall clock: they last an hour when that is set back by an hour.
    func waitForArrival(milliseconds: Int32) {
        _ = unsafe hooks.takeUnretainedValue().arrivals.wait(milliseconds: milliseconds)
    }

    private static func setCallbacks(_ conf: OpaquePointer, type: rd_kafka_type_t) {
        unsafe rd_kafka_conf_set_log_cb(conf) { @Sendable handle, level, _, line in
            guard let handle = unsafe handle, let line = unsafe line,
                let opaque = unsafe rd_kafka_opaque(handle)
            else { return }
            let hooks = unsafe Unmanaged<KafkaHooks>.fromOpaque(opaque).takeUnretainedValue()
            let message = unsafe String(cString: line)
            hooks.logger.log(level: level <= 3 ? .warning : level <= 5 ? .info : .debug, message)
        }
        unsafe rd_kafka_conf_set_error_cb(conf) { @Sendable _, code, reason, opaque in
            guard let opaque = unsafe opaque else { return }
            let hooks = unsafe Unmanaged<KafkaHooks>.fromOpaque(opaque).takeUnretainedValue()
            let text = unsafe reason.map { unsafe String(cString: $0) } ?? ""
            hooks.logger.info("Kafka client: \(text)", metadata: ["code": .count(code)])
        }
        if type == RD_KAFKA_PRODUCER {
            unsafe rd_kafka_conf_set_dr_msg_cb(conf) { @Sendable _, message, _ in
                unsafe KafkaProducer.delivered(message)
            }
        } else {
            unsafe rd_kafka_conf_set_rebalance_cb(conf) { @Sendable handle, event, list, opaque in
                guard let handle = unsafe handle, let opaque = unsafe opaque, let list = unsafe list else { return }
                let hooks = unsafe Unmanaged<KafkaHooks>.fromOpaque(opaque).takeUnretainedValue()
                if event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                    unsafe hooks.onRebalance(true, KafkaPartitions(copying: list))
                } else {
                    unsafe hooks.onRebalance(false, KafkaPartitions(copying: list))
                    unsafe rd_kafka_assign(handle, nil)
                }
            }
            unsafe rd_kafka_conf_set_offset_commit_cb(conf) { @Sendable _, code, _, opaque in
                let isGood = code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET
                guard !isGood, let opaque = unsafe opaque else { return }
                unsafe Unmanaged<KafkaHooks>.fromOpaque(opaque).takeUnretainedValue().onCommitFailure()
            }
        }
    }

    /// The handle of a topic, made at the first call and kept.
    func topic(_ name: String) throws(EventError) -> OpaquePointer {
        let found = topics.withLock { topics -> TopicHandle? in
            if let known = topics[name] { return known }
            guard let made = unsafe rd_kafka_topic_new(handle, name, nil) else { return nil }
            let topic = unsafe TopicHandle(pointer: made)
            topics[name] = topic
            return topic
        }
        guard let found else { throw EventError(.broker, "topic \(name): \(Self.name(rd_kafka_last_error()))") }
        return unsafe found.pointer
    }

    /// The id of the cluster; nil while no broker has answered within the time. Blocks.
    func clusterID(timeoutMilliseconds: Int32) -> String? {
        // It is in every answer about metadata. Asked for the id alone, librdkafka would first connect when its timer of
        // one second comes round.
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(handle, 0, nil, &metadata, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        unsafe rd_kafka_metadata_destroy(metadata)
        guard let text = unsafe rd_kafka_clusterid(handle, timeoutMilliseconds) else { return nil }
        defer { unsafe rd_kafka_mem_free(handle, text) }
        return unsafe String(cString: text)
    }

    /// The first offset of a partition and the one after its last. Blocks.
    func watermarks(
        _ topic: String,
        _ partition: Int32,
        timeoutMilliseconds: Int32
    ) throws(EventError) -> Range<Int64> {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = unsafe rd_kafka_query_watermark_offsets(
            handle,
            topic,
            partition,
            &low,
            &high,
            timeoutMilliseconds
        )
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, low <= high else {
            throw EventError(.broker, "watermarks of \(topic) [\(partition)]: \(Self.name(code))")
        }
        return low..<high
    }

    /// Frees everything. Blocks until librdkafka's threads have ended; a consumer's group is told nothing.
    func destroy() {
        let handles = topics.withLock { topics in
            defer { topics = [:] }
            return Array(topics.values)
        }
        for topic in handles { unsafe rd_kafka_topic_destroy(topic.pointer) }
        unsafe rd_kafka_destroy_flags(handle, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
        unsafe hooks.release()
    }

    /// librdkafka's text for an error code.
    static func name(_ code: rd_kafka_resp_err_t) -> String {
        unsafe String(cString: rd_kafka_err2str(code))
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Partitions with the offset to read next.
struct KafkaPartitions: Sendable {
    var elements: [(topic: String, partition: Int32, offset: Int64)]

    init(_ elements: [(topic: String, partition: Int32, offset: Int64)]) {
        self.elements = elements
    }

    @unsafe init(copying list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        elements = unsafe (0..<Int(list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            return unsafe (String(cString: element.topic), element.partition, element.offset)
        }
    }

    /// The offset of each partition.
    var offsets: [EventPosition.Partition: Int64] {
        Dictionary(elements.map { (.init(topic: $0.topic, partition: $0.partition), $0.offset) }) { $1 }
    }

    /// Calls `body` with librdkafka's form of the list.
    func withList<Result>(
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result
    ) -> Result? {
        guard let list = unsafe rd_kafka_topic_partition_list_new(Int32(clamping: elements.count)) else { return nil }
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for element in elements {
            let added = unsafe rd_kafka_topic_partition_list_add(list, element.topic, element.partition)
            unsafe added?.pointee.offset = element.offset
        }
        return unsafe body(list)
    }
}
