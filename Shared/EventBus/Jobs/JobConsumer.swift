public import Reactor
import Synchronization
public import System
public import Telemetry

/// Consumes topics as one of a group's members without a database: each event is a job that may take long, and the group's
/// places are the broker's. Jobs of one partition run one after the other, those of different partitions side by side.
///
/// An event's place is committed only after its handler has returned, so a crash repeats jobs and loses none: handlers must
/// bear repetition. The member goes on talking to the group however long a job takes, and a member that dies loses its
/// partitions to the others within `session.timeout.ms`. What cannot be decoded goes to `<topic>.<group>.dlq`, delivered
/// before its place is committed, and the partition goes on; what comes back by `<topic>.<group>.redrive` is a job again.
public final class JobConsumer: Sendable {
    /// Does one event's job; `attempt` counts from 1. An `EventError` `undecodable` makes it a dead letter; anything else that
    /// is thrown is tried again with back-off, for as long as it is: it is the handler that gives up, by returning.
    public typealias Handler = @Sendable (_ event: Event, _ attempt: Int) async throws -> Void

    /// Records of one partition that are kept here; more wait in the broker.
    static let queueLimit = 64
    static let maximumBackOffMilliseconds = 30_000

    let group: String
    let logger: Logger
    let handler: Handler
    let wake: Wake
    private let topics: [Topic]
    private let kafka: KafkaConfiguration
    private let producer: EventProducer
    private let clock: WallClock
    private let deadLetters: Counter
    private let stopping = Atomic<Bool>(false)
    private let member = Atomic<Bool>(false)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Makes a consumer; nothing is read before `start`. Dead letters go by the producer.
    public init(
        group: String,
        topics: [Topic],
        kafka: KafkaConfiguration,
        producer: EventProducer,
        clock: WallClock = .system,
        logger: Logger,
        handler: @escaping Handler
    ) throws {
        self.group = group
        self.topics = topics
        self.kafka = kafka
        self.producer = producer
        self.clock = clock
        deadLetters = MetricRegistry.shared.counter("eventbus.dead_letters", labels: ["group": group])
        var logger = logger
        logger[metadataKey: "group"] = "\(group)"
        self.logger = logger
        self.handler = handler
        wake = try Wake()
    }

    /// Begins to consume on a thread of its own, with the jobs as tasks of `loop`; a broker that is down is waited for.
    public func start(on loop: EventLoop) throws {
        let started = try ThreadExecutor.run(name: "jobs-\(group)") { [self] in await serve(on: loop) }
        task.withLock { $0 = started }
    }

    /// Takes no more jobs, waits for those under way (whose owner may end them), commits the group's places and leaves it.
    public func stop() async {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        await task.withLock(\.self)?.value
    }

    /// Whether the group has given this member its part, which may be none.
    public var isMember: Bool { member.load(ordering: .acquiring) }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Sends a record that makes no sense to the dead letters; returns when it is there.
    func bury(_ record: KafkaRecord, _ error: any Error, attempts: Int) async throws {
        let letter = DeadLetter(record, of: group, error, attempts: attempts, at: clock.now)
        try await producer.send(letter.message)
        deadLetters.increment()
    }

    func joined() { member.store(true, ordering: .releasing) }

    private func serve(on loop: EventLoop) async {
        while !isStopping {
            do {
                let consumer = try KafkaConsumer(kafka, member: group, logger: logger)
                defer { consumer.leave() }
                guard waitForTopics(consumer) else { return }
                try consumer.subscribe(to: (topics + topics.map { $0.redrive(of: group) }).map(\.name))
                var jobs = JobLoop(owner: self, consumer: consumer, loop: loop)
                try await jobs.run()
            } catch {
                logger.error("the consumer starts anew", metadata: ["error": "\(error)"])
                _ = wake.wait(milliseconds: 1000)
            }
        }
    }

    /// False when stopped meanwhile.
    private func waitForTopics(_ consumer: KafkaConsumer) -> Bool {
        let all = topics.flatMap { [$0, $0.redrive(of: group), $0.deadLetters(of: group)] }
        while !isStopping {
            do throws(EventError) {
                try consumer.client.ensure(all, copies: kafka.copies, timeoutMilliseconds: 5000)
                return true
            } catch {
                logger.warning("topics", metadata: ["error": "\(error)"])
                _ = wake.wait(milliseconds: 500)
            }
        }
        return false
    }
}
