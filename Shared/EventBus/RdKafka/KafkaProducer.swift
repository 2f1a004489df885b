import CRdKafka
import Synchronization
import System
import Telemetry

/// What a producer sends; the partition follows from the key.
struct ProducerMessage: Sendable {
    let topic: String
    let key: [UInt8]?
    let headers: [EventHeader]
    let value: [UInt8]?
}

/// A librdkafka producer and who takes its reports: a thread of its own, or its owner by `flush` and `poll`. `produce` may
/// be called on any thread and never blocks; completions run where reports are taken. After a fatal error of the idempotent
/// producer the client is made anew and what was under way is reported as failed.
final class KafkaProducer: Sendable {
    /// The record's offset, or why it was not delivered.
    typealias Completion = @Sendable (Result<Int64, EventError>) -> Void

    private static let pollMilliseconds: Int32 = 100

    private let settings: [[String: String]]
    private let logger: Logger
    private let client: Mutex<KafkaClient?>
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Thread?>(nil)
    private let flushMilliseconds = Atomic<Int>(0)

    /// - Throws: `broker` when librdkafka refuses a setting, `SystemError` without a thread.
    init(
        _ configuration: KafkaConfiguration,
        role: [String: String],
        hasThread: Bool = true,
        logger: Logger
    ) throws {
        settings = [KafkaConfiguration.common, role, configuration.properties]
        self.logger = logger
        let first = try KafkaClient(type: RD_KAFKA_PRODUCER, settings: settings, hooks: try KafkaHooks(logger: logger))
        client = Mutex(first)
        guard hasThread else { return }
        let started = try Thread.start(name: "kafka-producer") { [self] in run() }
        thread.withLock { $0 = started }
    }

    /// Hands a message to librdkafka; `completion` is called exactly once unless this throws.
    ///
    /// - Throws: `queueFull`, `closed`, or `broker` when the message is refused.
    func produce(_ message: ProducerMessage, completion: Completion? = nil) throws(EventError) {
        let outcome = client.withLock { client -> Result<Void, EventError> in
            guard let client else { return .failure(EventError(.closed, "the producer is closed")) }
            do throws(EventError) {
                return .success(try Self.produce(message, on: client, completion: completion))
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    private static func produce(
        _ message: ProducerMessage,
        on client: KafkaClient,
        completion: Completion?
    ) throws(EventError) {
        let topic = unsafe try client.topic(message.topic)
        let headers = unsafe rd_kafka_headers_new(message.headers.count)
        for header in message.headers {
            unsafe withBytes(header.value) { value, size in
                unsafe _ = rd_kafka_header_add(headers, header.name, -1, value, size)
            }
        }
        let box = unsafe completion.map { unsafe Unmanaged.passRetained(CompletionBox($0)) }
        let code = unsafe withBytes(message.key) { key, keySize in
            unsafe withBytes(message.value) { value, size in
                unsafe rdkafka_produce(
                    client.handle,
                    topic,
                    key,
                    keySize,
                    value,
                    size,
                    headers,
                    box?.toOpaque()
                )
            }
        }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        unsafe rd_kafka_headers_destroy(headers)
        unsafe box?.release()
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { throw EventError(.queueFull, "the producer's queue is full") }
        throw EventError(.broker, "\(message.topic): \(KafkaClient.name(code))")
    }

    private static func withBytes<Size: BinaryInteger, Result>(
        _ bytes: [UInt8]?,
        _ body: (UnsafeRawPointer?, Size) -> Result
    ) -> Result {
        guard let bytes else { return body(nil, 0) }
        // An empty array may have no address, which would be Kafka's null.
        return unsafe (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { buffer in
            unsafe body(buffer.baseAddress, Size(bytes.count))
        }
    }

    private final class CompletionBox: Sendable {
        let call: Completion
        init(_ call: @escaping Completion) { self.call = call }
    }

    /// librdkafka's delivery report.
    @unsafe static func delivered(_ message: UnsafePointer<rd_kafka_message_t>?) {
        guard let message = unsafe message, let opaque = unsafe message.pointee._private else { return }
        let box = unsafe Unmanaged<CompletionBox>.fromOpaque(opaque).takeRetainedValue()
        let code = unsafe message.pointee.err
        if code == RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe box.call(.success(message.pointee.offset))
        } else {
            box.call(.failure(EventError(.broker, KafkaClient.name(code))))
        }
    }

    private func run() {
        while !isStopping.load(ordering: .acquiring) { poll(milliseconds: Self.pollMilliseconds) }
        close()
    }

    /// Takes reports; returns after the first, or when none came within the time. Blocks.
    func poll(milliseconds: Int32) {
        serve { client in
            guard unsafe rd_kafka_poll(client.handle, 0) == 0, milliseconds > 0 else { return }
            client.waitForArrival(milliseconds: milliseconds)
            unsafe rd_kafka_poll(client.handle, 0)
        }
    }

    /// Sends what was handed over without waiting for more, and takes reports until none is missing or the time is over.
    /// Blocks.
    func flush(milliseconds: Int32) {
        serve { unsafe _ = rd_kafka_flush($0.handle, milliseconds) }
    }

    /// Asks where a topic's partitions are. Of a topic that it was not told about librdkafka asks once a second, and so long
    /// a first record would wait. Blocks.
    func learn(_ topic: String, withinMilliseconds milliseconds: Int32) throws(EventError) {
        guard let client = client.withLock({ $0 }) else { return }
        let handle = unsafe try client.topic(topic)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(client.handle, 0, handle, &metadata, milliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw EventError(.broker, "metadata of \(topic): \(KafkaClient.name(code))")
        }
        unsafe rd_kafka_metadata_destroy(metadata)
    }

    private func serve(_ work: (KafkaClient) -> Void) {
        guard let current = client.withLock({ $0 }) else { return }
        work(current)
        if unsafe rd_kafka_fatal_error(current.handle, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR { replace(current) }
    }

    /// librdkafka's way out of a fatal error is another client; what was under way fails and is sent again by its owner.
    private func replace(_ broken: KafkaClient) {
        logger.error("the producer had a fatal error and is made anew")
        do {
            let hooks = try KafkaHooks(logger: logger)
            let fresh = try KafkaClient(type: RD_KAFKA_PRODUCER, settings: settings, hooks: hooks)
            client.withLock { $0 = fresh }
            close(broken, flushMilliseconds: 0)
        } catch {
            logger.error("no new producer", metadata: ["error": "\(error)"])
        }
    }

    private func close() {
        let last = client.withLock { client in
            defer { client = nil }
            return client
        }
        if let last { close(last, flushMilliseconds: Int32(clamping: flushMilliseconds.load(ordering: .relaxed))) }
    }

    private func close(_ client: KafkaClient, flushMilliseconds: Int32) {
        unsafe rd_kafka_flush(client.handle, flushMilliseconds)
        unsafe rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        while unsafe rd_kafka_outq_len(client.handle) > 0 { unsafe rd_kafka_poll(client.handle, 10) }
        client.destroy()
    }

    /// Sends what is queued within the time, then closes. Blocks; later calls do nothing.
    func stop(flushMilliseconds milliseconds: Int = 5000) {
        flushMilliseconds.store(milliseconds, ordering: .relaxed)
        isStopping.store(true, ordering: .releasing)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { running.join() } else { close() }
    }
}
