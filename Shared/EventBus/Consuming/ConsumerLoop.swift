import Persistence
import System
import Telemetry

/// The loop of an `EventConsumer`: assign with the database's offsets, poll, apply, mirror. On the consumer's thread.
struct ConsumerLoop {
    private static let pollMilliseconds: Int32 = 100
    private static let mirrorNanoseconds: UInt64 = 1_000_000_000
    private static let lastMirrorMilliseconds: Int32 = 1000
    private static let boundsMilliseconds: Int32 = 1000

    private let owner: EventConsumer
    private let cluster: String
    private let consumer: KafkaConsumer
    private let applier: RecordApplier
    private var assigned: Set<Place> = []
    private var notAtEnd: Set<Place> = []
    private var isCaughtUp = false
    private var mirror: [Place: Int64] = [:]
    private var isMirrored = true
    private var mirroredAt: UInt64 = 0
    private var steps = ClockSteps()

    /// A partition of a topic.
    private struct Place: Hashable {
        let topic: String
        let partition: Int32

        init(topic: String, partition: Int32) {
            self.topic = topic
            self.partition = partition
        }

        init(_ element: (topic: String, partition: Int32, offset: Int64)) {
            self.init(topic: element.topic, partition: element.partition)
        }
    }

    init(owner: EventConsumer, cluster: String, consumer: KafkaConsumer) {
        self.owner = owner
        self.cluster = cluster
        self.consumer = consumer
        self.applier = RecordApplier(owner: owner, cluster: cluster)
    }

    mutating func run() async throws {
        while !owner.isStopping {
            if let assigned = consumer.takeAssignment() { try await assign(assigned) }
            let batch = try await poll()
            if !batch.isEmpty {
                try await applier.apply(batch)
                for record in batch {
                    mirror[Place(topic: record.topic, partition: record.partition)] = record.offset + 1
                }
                isMirrored = false
            }
            markCaughtUp()
            // librdkafka's main thread, which keeps the group's membership, sleeps until an instant of the wall clock; when
            // that is set back, a commit wakes it.
            if steps.hasGoneBack(owner.clock.now) { isMirrored = false }
            commitMirror(isLast: false)
        }
        commitMirror(isLast: true)
    }

    /// What has come in, up to a batch.
    private mutating func poll() async throws -> [KafkaRecord] {
        var batch: [KafkaRecord] = []
        var timeout = Self.pollMilliseconds
        while batch.count < owner.configuration.batchSize, let polled = consumer.poll(milliseconds: timeout) {
            timeout = 0
            switch polled {
            case .record(let record): batch.append(record)
            case .end(let topic, let partition, _): ended(topic, partition)
            case .outOfRange(let topic, let partition):
                guard isExpiring(topic) else {
                    throw EventError(.gap, "\(topic) [\(partition)]: the next offset is not in the log any more")
                }
                try await assign(currentAssignment)
            case .error(let text):
                if consumer.isBroken { throw EventError(.broker, text) }
                owner.logger.debug("consumer", metadata: ["error": "\(text)"])
            }
        }
        return batch
    }

    private var currentAssignment: KafkaPartitions {
        KafkaPartitions(assigned.map { ($0.topic, $0.partition, 0) })
    }

    /// Begins each partition at the database's offset, or at the log's start.
    mutating func assign(_ partitions: KafkaPartitions) async throws {
        let (cluster, places) = (cluster, owner.configuration.places)
        let stored = try await owner.database.read { try $0.offsets(cluster: cluster, group: places) }
        let next = Dictionary(
            uniqueKeysWithValues: stored.map { (Place(topic: $0.topic, partition: $0.partition), $0.next) }
        )
        let logs = try logs(of: partitions)
        var start = KafkaPartitions([])
        for element in partitions.elements {
            let place = Place(element)
            let offset = try startOffset(of: place, in: logs[place] ?? 0..<0, stored: next[place])
            start.elements.append((element.topic, element.partition, offset))
            // A crash may have come between the database's commit and the mirror's.
            if offset > 0 { mirror[place] = offset }
        }
        assigned = Set(partitions.elements.map(Place.init))
        notAtEnd = assigned
        isMirrored = mirror.isEmpty
        try consumer.assign(start)
        let count = assigned.count
        owner.logger.info("partitions assigned", metadata: ["partitions": .count(count)])
    }

    private func startOffset(of place: Place, in log: Range<Int64>, stored: Int64?) throws -> Int64 {
        guard let stored else { return log.lowerBound }
        if stored > log.upperBound {
            throw EventError(.gap, "\(place.topic) [\(place.partition)] ends at \(log.upperBound), stored is \(stored)")
        }
        guard stored < log.lowerBound else { return stored }
        guard isExpiring(place.topic) else {
            throw EventError(
                .gap,
                "\(place.topic) [\(place.partition)] begins at \(log.lowerBound), stored is \(stored)"
            )
        }
        let missed = UInt64(log.lowerBound - stored)
        MetricRegistry.shared.counter("eventbus.gap.records", labels: ["topic": place.topic]).increment(by: missed)
        owner.logger.warning("records had expired", metadata: ["topic": "\(place.topic)", "records": .count(missed)])
        return log.lowerBound
    }

    /// The partitions' logs; a leader that is away is waited for.
    private func logs(of partitions: KafkaPartitions) throws -> [Place: Range<Int64>] {
        while true {
            do throws(EventError) {
                let timeout = Self.boundsMilliseconds
                let starts = try consumer.starts(of: partitions, timeoutMilliseconds: timeout)
                let ends = try consumer.ends(of: partitions, timeoutMilliseconds: timeout)
                let first = Dictionary(starts.elements.map { (Place($0), $0.offset) }) { $1 }
                let logs = ends.elements.map { (Place($0), min(first[Place($0)] ?? 0, $0.offset)..<$0.offset) }
                return Dictionary(logs) { $1 }
            } catch {
                if owner.isStopping { throw error }
                owner.logger.warning("offsets", metadata: ["error": "\(error)"])
                _ = owner.wake.wait(milliseconds: 200)
            }
        }
    }

    private func isExpiring(_ topic: String) -> Bool {
        if case .forever = owner.topics[topic]?.retention { return false }
        return true
    }

    private mutating func ended(_ topic: String, _ partition: Int32) {
        notAtEnd.remove(Place(topic: topic, partition: partition))
    }

    private mutating func markCaughtUp() {
        guard !isCaughtUp, notAtEnd.isEmpty, !assigned.isEmpty else { return }
        isCaughtUp = true
        owner.caughtUp()
    }

    private mutating func commitMirror(isLast: Bool) {
        let now = MonotonicClock.nanoseconds
        if consumer.takeMirrorLoss() { isMirrored = false }
        // The last is of all places: an earlier one that the broker has not answered is found out so, too.
        guard isLast ? !mirror.isEmpty : !isMirrored && now - mirroredAt > Self.mirrorNanoseconds else { return }
        let places = mirror.filter { assigned.contains($0.key) }
        let offsets = KafkaPartitions(places.map { ($0.key.topic, $0.key.partition, $0.value) })
        if isLast {
            consumer.commitMirror(offsets, withinMilliseconds: Self.lastMirrorMilliseconds)
        } else {
            consumer.commitMirror(offsets)
        }
        isMirrored = true
        mirroredAt = now
    }
}
