import BlobStore
import Contracts
import EventBus
import Security
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

/// A broker, a store of blobs, and workers; the test is Media.
final class MediaWorkerRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let blobs: BlobStore
    private let producer: EventProducer
    private let results: BroadcastConsumer
    private let told: Told
    private let workers = Mutex<[ServiceProcess]>([])

    init() async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        blobs = try BlobStore("file:\(data.appending("blobs"))")
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.port)"))
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure([.mediaEvents, .mediaResults])
        producer = try EventProducer(kafka, logger: logger)
        let told = Told()
        self.told = told
        results = try BroadcastConsumer(topics: [.mediaResults], from: .beginning, kafka: kafka, logger: logger) {
            event,
            _ in told.add(event)
        }
        try results.run()
    }

    /// Starts a worker and waits until it is ready.
    func worker(_ environment: [String: String] = [:]) async throws -> ServiceProcess {
        let worker = try start(environment)
        try await worker.waitUntilReady(within: 30)
        return worker
    }

    /// Starts a worker, however that ends.
    func start(_ environment: [String: String] = [:]) throws -> ServiceProcess {
        let own = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)",
            "KAFKA_SESSION_TIMEOUT_MS": "6000",
        ]
        let worker = try ServiceProcess("media-worker", environment: own.merging(environment) { $1 })
        workers.withLock { $0.append(worker) }
        return worker
    }

    /// Stores the file and asks for its variants; the job's event, whose key is the item's id.
    @discardableResult
    func submit(_ path: String, as contentType: String) async throws -> Event {
        let bytes = try File.read(path, limit: 1 << 30)
        let digest = try #require(ContentDigest(bytes: HashFunction.sha256.digest(bytes)))
        let copy = data.appending("upload-\(Identifier.version7(at: WallClock.system.now))")
        try File.write(copy, bytes)
        try await blobs.put(file: copy, digest: digest, size: Int64(bytes.count))
        let now = WallClock.system.now
        let uploaded = MediaUploaded(
            mediaID: .version7(at: now),
            ownerID: .version7(at: now),
            visibility: .public,
            contentType: contentType,
            size: Int64(bytes.count),
            sha256: digest.description,
            presetVersion: 1
        )
        let event = try Event(uploaded, at: now)
        try await send(event)
        return event
    }

    /// Puts a job on the log, once more too.
    func send(_ event: Event) async throws { try await producer.send(event) }

    /// What came of a job, once something has.
    func finished(_ job: Event, within seconds: Double = 60) async throws -> MediaJobFinished {
        let event = try await result(job, within: seconds)
        guard event.type == MediaJobFinished.type else { throw Surprise(try reason(of: event)) }
        return try event.decode()
    }

    /// Why a job failed, once it has.
    func failure(_ job: Event, within seconds: Double = 60) async throws -> String {
        try reason(of: try await result(job, within: seconds))
    }

    /// The terminal results of a job so far.
    func results(of job: Event) -> [Event] {
        told.events.filter { $0.key == job.key && $0.type != MediaJobProgressed.type }
    }

    private func result(_ job: Event, within seconds: Double) async throws -> Event {
        try await eventually("a result of \(job.key)", within: seconds) { results(of: job).first }
    }

    private func reason(of event: Event) throws -> String {
        guard event.type == MediaJobFailed.type else { return event.type }
        return try event.decode(MediaJobFailed.self).reason.rawValue
    }

    /// Puts a variant's content in a file.
    func fetch(_ variant: MediaVariant) async throws -> String {
        let path = data.appending("\(Identifier.version7(at: WallClock.system.now))-\(variant.name)")
        try await blobs.fetch(try #require(ContentDigest(variant.sha256)), to: path)
        return path
    }

    /// What the workers left in their folders.
    func leftovers() throws -> [String] {
        let jobs = data.appending("media-worker/jobs")
        return try File.names(in: jobs).flatMap { worker in
            try File.names(in: "\(jobs)/\(worker)").filter { Int($0) != nil }.flatMap { slot in
                try ["in", "out"].flatMap { try File.names(in: "\(jobs)/\(worker)/\(slot)/\($0)") }
            }
        }
    }
}

/// Another result than a test waits for.
struct Surprise: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private final class Told: Sendable {
    private let all = Mutex<[Event]>([])

    var events: [Event] { all.withLock(\.self) }

    func add(_ event: Event) { all.withLock { $0.append(event) } }
}
