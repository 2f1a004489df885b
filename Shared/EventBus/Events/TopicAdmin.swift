import CRdKafka
import Synchronization
import System
public import Telemetry

/// Makes topics at the start of a service and knows the cluster; ``LogInspector`` is for operators.
public struct TopicAdmin: Sendable {
    private let kafka: KafkaConfiguration
    private let logger: Logger

    /// An administrator; a client is made for each call.
    public init(_ configuration: KafkaConfiguration, logger: Logger) {
        self.kafka = configuration
        self.logger = logger
    }

    /// Makes the topics that do not exist, with the replication of the configuration, waiting for the broker as long as
    /// the deadline allows.
    ///
    /// - Throws: `partitionCount` when one exists with another count, `broker` after the deadline, `CancellationError`.
    public func ensure(_ topics: [Topic], withinMilliseconds milliseconds: Int64 = 30_000) async throws {
        let cancellation = Cancellation()
        try await withTaskCancellationHandler {
            try await withClient { client in
                let deadline = MonotonicClock.nanoseconds + UInt64(max(0, milliseconds)) * 1_000_000
                let copies = kafka.copies
                while let problem = try client.ensureOrReason(topics, copies: copies, timeoutMilliseconds: 3000) {
                    guard !cancellation.isRequested.load(ordering: .relaxed) else { throw CancellationError() }
                    guard MonotonicClock.nanoseconds < deadline else { throw problem }
                    logger.info("topics wait for the broker", metadata: ["error": "\(problem)"])
                }
            }
        } onCancel: {
            cancellation.isRequested.store(true, ordering: .relaxed)
        }
    }

    /// Tells the thread of a call that nobody waits for it any more.
    private final class Cancellation: Sendable {
        let isRequested = Atomic(false)
    }

    /// The next offset of each partition of some topics: two requests for all.
    public func ends(of topics: [Topic]) async throws -> [EventPosition.Partition: Int64] {
        let (kafka, logger) = (kafka, logger)
        return try await onThread {
            let partitions = KafkaPartitions(
                topics.flatMap { topic in (0..<Int32(clamping: topic.partitions)).map { (topic.name, $0, Int64(0)) } }
            )
            return try KafkaConsumer.once(kafka, logger: logger) { consumer throws(EventError) in
                try consumer.ends(of: partitions, timeoutMilliseconds: 5000).offsets
            }
        }
    }

    /// The cluster's id; nil when no broker answers within 5 s.
    public func clusterID() async throws -> String? {
        try await withClient { $0.clusterID(timeoutMilliseconds: 5000) }
    }

    /// On a thread of its own: every call blocks.
    private func withClient<Result: Sendable>(
        _ body: @escaping @Sendable (KafkaClient) throws -> Result
    ) async throws -> Result {
        try await onThread { try run(body) }
    }

    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            do {
                // Not joined: the thread ends with the call.
                _ = try Thread.start(name: "kafka-admin") {
                    continuation.resume(with: Swift.Result { try body() })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private func run<Result>(_ body: (KafkaClient) throws -> Result) throws -> Result {
        let client = try KafkaClient(
            type: RD_KAFKA_PRODUCER,
            settings: [KafkaConfiguration.common, kafka.properties],
            hooks: try KafkaHooks(logger: logger)
        )
        defer { client.destroy() }
        return try body(client)
    }
}
