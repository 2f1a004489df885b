public import Persistence
import Synchronization
import System

extension EventConsumer {
    /// Applies what lies before some places of a cluster's log, from the kept places on or, where there is none, from the
    /// log's start; without joining the group. For a consumer that does not run otherwise.
    ///
    /// - Throws: `gap` when the log does not begin with its first record any more, or ends before a place; `otherCluster`;
    ///   `broker` when there is none for half a minute; `halted`; `closed` after ``stop()``.
    public func replay(upTo places: [ConsumerOffset], ofCluster cluster: String) async throws {
        let ends = places.filter { $0.next > 0 && topics[$0.topic] != nil }
        guard !ends.isEmpty else { return }
        let outcome = Outcome()
        let replay = Replay(owner: self, cluster: cluster, ends: ends)
        let task = try ThreadExecutor.run(name: "replay") {
            do {
                try await replay.run()
            } catch {
                outcome.error.withLock { $0 = error }
            }
        }
        await task.value
        if let error = outcome.error.withLock(\.self) { throw error }
    }

    private final class Outcome: Sendable {
        let error = Mutex<(any Error)?>(nil)
    }
}

/// Reads partitions from their start to given ends. On a thread of its own.
private struct Replay: Sendable {
    private static let patienceNanoseconds: UInt64 = 30_000_000_000
    private static let pollMilliseconds: Int32 = 100
    private static let watermarkMilliseconds: Int32 = 5000

    let owner: EventConsumer
    let cluster: String
    let ends: [ConsumerOffset]

    func run() async throws {
        let consumer = try KafkaConsumer(owner.kafka, group: nil, logger: owner.logger)
        defer { consumer.close() }
        try checkCluster(consumer)
        let places = owner.configuration.places
        let kept = try await owner.database.read { try $0.offsets(cluster: cluster, group: places) }
        let starts = try starts(consumer, kept)
        try consumer.assign(starts)
        let applier = RecordApplier(owner: owner, cluster: cluster)
        var open = Dictionary(
            uniqueKeysWithValues: ends.map {
                (EventPosition.Partition(topic: $0.topic, partition: $0.partition), $0.next)
            }
        )
        for start in starts.elements {
            let place = EventPosition.Partition(topic: start.topic, partition: start.partition)
            if let end = open[place], start.offset >= end { open[place] = nil }
        }
        var deadline = MonotonicClock.nanoseconds + Self.patienceNanoseconds
        while !open.isEmpty {
            guard !owner.isStopping else { throw EventError(.closed, "stopped") }
            let batch = try poll(consumer, &open)
            if !batch.isEmpty {
                try await applier.apply(batch)
                deadline = MonotonicClock.nanoseconds + Self.patienceNanoseconds
            }
            guard MonotonicClock.nanoseconds < deadline else { throw EventError(.broker, "the log is silent") }
        }
    }

    private func checkCluster(_ consumer: KafkaConsumer) throws {
        guard let present = consumer.client.clusterID(timeoutMilliseconds: 30_000) else {
            throw EventError(.broker, "no broker answers")
        }
        guard present == cluster else {
            throw EventError(.otherCluster, "the offsets are of cluster \(cluster), this is \(present)")
        }
    }

    private func starts(_ consumer: KafkaConsumer, _ kept: [ConsumerOffset]) throws -> KafkaPartitions {
        let kept = Dictionary(
            uniqueKeysWithValues: kept.map {
                (EventPosition.Partition(topic: $0.topic, partition: $0.partition), $0.next)
            }
        )
        var starts = KafkaPartitions([])
        for end in ends {
            let log = try consumer.client.watermarks(
                end.topic,
                end.partition,
                timeoutMilliseconds: Self.watermarkMilliseconds
            )
            let isWhole = log.lowerBound == 0 || owner.topics[end.topic]?.retention == .compacted
            guard isWhole, end.next <= log.upperBound else {
                throw EventError(
                    .gap,
                    "\(end.topic) [\(end.partition)] holds \(log), what was applied is all before \(end.next)"
                )
            }
            let next = kept[.init(topic: end.topic, partition: end.partition)] ?? 0
            starts.elements.append((end.topic, end.partition, max(next, log.lowerBound)))
        }
        return starts
    }

    /// A batch of what lies before the ends; partitions that are through leave `open`.
    private func poll(_ consumer: KafkaConsumer, _ open: inout [EventPosition.Partition: Int64]) throws -> [KafkaRecord]
    {
        var batch: [KafkaRecord] = []
        var timeout = Self.pollMilliseconds
        while batch.count < owner.configuration.batchSize, let polled = consumer.poll(milliseconds: timeout) {
            timeout = 0
            switch polled {
            case .record(let record):
                let place = EventPosition(record).partition
                guard let end = open[place] else { continue }
                if record.offset < end { batch.append(record) }
                if record.offset + 1 >= end { open[place] = nil }
            case .end(let topic, let partition, _): open[.init(topic: topic, partition: partition)] = nil
            case .outOfRange(let topic, let partition):
                throw EventError(.gap, "\(topic) [\(partition)]: the log has lost its start")
            case .error(let text):
                if consumer.isBroken { throw EventError(.broker, text) }
            }
        }
        return batch
    }
}
