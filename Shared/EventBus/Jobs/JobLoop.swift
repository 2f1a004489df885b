import Reactor
import System
import Telemetry

/// The loop of a `JobConsumer`: assign at the group's places, poll, hand out, commit what is done. On the consumer's thread.
struct JobLoop {
    private static let pollMilliseconds: Int32 = 100
    private static let commitNanoseconds: UInt64 = 500_000_000
    private static let requestMilliseconds: Int32 = 2000

    private typealias Place = EventPosition.Partition

    private let owner: JobConsumer
    private let consumer: KafkaConsumer
    private let loop: EventLoop
    private var lanes: [Place: JobLane] = [:]
    private var paused: Set<Place> = []
    private var committed: [Place: Int64] = [:]
    private var committedAt: UInt64 = 0

    init(owner: JobConsumer, consumer: KafkaConsumer, loop: EventLoop) {
        self.owner = owner
        self.consumer = consumer
        self.loop = loop
    }

    mutating func run() async throws {
        defer { for lane in lanes.values { lane.close() } }
        while !owner.isStopping {
            if let assigned = consumer.takeAssignment() { try assign(assigned) }
            try poll()
            try resume()
            commit(isLast: false)
        }
        for lane in lanes.values { lane.close() }
        for lane in lanes.values { await lane.finish() }
        commit(isLast: true)
    }

    private mutating func poll() throws {
        var timeout = Self.pollMilliseconds
        while !owner.isStopping, let polled = consumer.poll(milliseconds: timeout) {
            timeout = 0
            switch polled {
            case .record(let record): try take(record)
            case .end: break
            case .outOfRange(let topic, let partition):
                // The log begins later than the group's place: what is gone is gone.
                owner.logger.warning("records had expired", metadata: ["partition": "\(topic) [\(partition)]"])
                try consumer.seekToStart(topic: topic, partition: partition)
            case .error(let text):
                if consumer.isBroken { throw EventError(.broker, text) }
                owner.logger.debug("consumer", metadata: ["error": "\(text)"])
            }
        }
    }

    private mutating func take(_ record: KafkaRecord) throws {
        let place = Place(topic: record.topic, partition: record.partition)
        guard let lane = lanes[place] else { return }
        if lane.add(record, on: loop) >= JobConsumer.queueLimit, paused.insert(place).inserted {
            try consumer.pause([place])
        }
    }

    private mutating func resume() throws {
        let ready = paused.filter { (lanes[$0]?.count ?? 0) < JobConsumer.queueLimit / 4 }
        guard !ready.isEmpty else { return }
        paused.subtract(ready)
        try consumer.resume(Array(ready))
    }

    /// Goes on with the partitions that stay, begins the new ones at the group's places, and drops the others: a job under
    /// way there goes on, and whoever has the partition now does it again.
    private mutating func assign(_ partitions: KafkaPartitions) throws {
        let places = Set(partitions.elements.map { Place(topic: $0.topic, partition: $0.partition) })
        for place in lanes.keys where !places.contains(place) {
            lanes.removeValue(forKey: place)?.close()
            committed[place] = nil
        }
        let stored = try offsets(of: partitions)
        var start = KafkaPartitions([])
        for element in partitions.elements {
            let place = Place(topic: element.topic, partition: element.partition)
            let next = lanes[place]?.next ?? stored[place].flatMap { $0 < 0 ? nil : $0 }
            start.elements.append((element.topic, element.partition, next ?? KafkaConsumer.logStart))
            if lanes[place] == nil { lanes[place] = JobLane(owner: owner, next: next) }
        }
        paused = []
        try consumer.assign(start)
        owner.joined()
        owner.logger.info("partitions assigned", metadata: ["partitions": .count(places.count)])
    }

    /// The group's places; a coordinator that is away is waited for.
    private func offsets(of partitions: KafkaPartitions) throws -> [Place: Int64] {
        while true {
            do throws(EventError) {
                let found = try consumer.committed(of: partitions, timeoutMilliseconds: Self.requestMilliseconds)
                let pairs = found.elements.map { (Place(topic: $0.topic, partition: $0.partition), $0.offset) }
                return Dictionary(pairs) { $1 }
            } catch {
                if owner.isStopping { throw error }
                owner.logger.warning("offsets", metadata: ["error": "\(error)"])
                _ = owner.wake.wait(milliseconds: 200)
            }
        }
    }

    private mutating func commit(isLast: Bool) {
        let now = MonotonicClock.nanoseconds
        if consumer.takeMirrorLoss() { committed = [:] }
        guard isLast || now - committedAt > Self.commitNanoseconds else { return }
        committedAt = now
        let done = lanes.compactMapValues(\.done).filter { committed[$0.key] != $0.value }
        guard !done.isEmpty else { return }
        let offsets = KafkaPartitions(done.map { ($0.key.topic, $0.key.partition, $0.value) })
        if isLast {
            consumer.commitMirror(offsets, withinMilliseconds: Self.requestMilliseconds)
        } else {
            consumer.commitMirror(offsets)
        }
        committed.merge(done) { $1 }
    }
}
