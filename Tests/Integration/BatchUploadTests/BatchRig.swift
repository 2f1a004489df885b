import BlobStore
import Contracts
import EventBus
import Security
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

/// A broker, Media, a worker and the service, with a mint of tokens instead of Auth. Ports and data stay from start to start.
final class BatchRig: Sendable {
    static let services = ["media", "media-worker", "batch-upload"]

    let broker: ServiceProcess
    let data: TemporaryDirectory
    let clock: TestClock
    private let mint: TokenMint
    private let producer: EventProducer
    private let environment: [String: String]
    private let ports: [String: UInt16]
    private let running = Mutex<[String: ServiceProcess]>([:])

    init(_ more: [String: String] = [:]) async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        clock = try await TestClock()
        mint = try TokenMint()
        for service in ["media", "batch-upload"] { try mint.trust(in: data, by: service) }
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(port)"))
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
        ports = try Dictionary(uniqueKeysWithValues: Self.services.map { ($0, try PortProbe.freePort()) })
        environment = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(port)",
            "BATCH_PART_BYTES": "4096", "KAFKA_SESSION_TIMEOUT_MS": "6000",
        ].merging(more) { $1 }
    }

    /// Starts services and waits until they are ready; through another program that becomes them, when one is given.
    func start(_ services: [String] = BatchRig.services, through launcher: [String] = []) async throws {
        for service in services {
            var variables = environment.merging(["PORT": "\(ports[service] ?? 0)"]) { $1 }
            if service == "batch-upload" { variables.merge(clock.environment) { $1 } }
            let process = try ServiceProcess(service, environment: variables, through: launcher)
            running.withLock { $0[service] = process }
        }
        for service in services { try await running.withLock { $0[service] }?.waitUntilReady(within: 30) }
    }

    func kill(_ service: String) async throws {
        try await running.withLock { $0.removeValue(forKey: service) }?.kill()
    }

    func url(of service: String = "batch-upload") -> String { "http://127.0.0.1:\(ports[service] ?? 0)" }

    func person() throws -> Person {
        let id = Identifier.version7(at: WallClock.system.now)
        return Person(id: id, token: try mint.token(for: id), rig: self)
    }

    func publish(_ payload: some EventPayload) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    /// What `batch-events` holds about a batch so far.
    func events(of batch: String) async throws -> [(type: String, payload: JSON)] {
        let arguments = [
            "-b", "127.0.0.1:\(broker.port)", "-t", "batch-events", "-C", "-e", "-q", "-o", "beginning", "-f",
            "%k|%h|%s\n",
        ]
        let lines = try await Command.run("kcat", arguments, within: 20).output.split(separator: "\n")
        return try lines.filter { $0.hasPrefix(batch) }.map { line in
            let parts = line.split(separator: "|", maxSplits: 2)
            let type = parts[1].split(separator: ",").first { $0.hasPrefix("ce_type=") }?.dropFirst(8)
            return (String(type ?? ""), try JSON(parsing: String(parts[2])))
        }
    }

    /// The batch's events that end it.
    func endings(of batch: String) async throws -> [String] {
        let endings = ["batch.completed", "batch.failed", "batch.cancelled", "batch.expired"]
        return try await events(of: batch).map(\.type).filter { endings.contains($0) }
    }

    /// Files of unfinished bytes with their sizes on disk.
    func leftovers() throws -> [String] {
        let folder = data.appending("batch-upload/batches")
        return try File.names(in: folder).flatMap { batch in
            try File.names(in: "\(folder)/\(batch)").map { "\(batch)/\($0)" }
        }
    }

    /// Small photos, each another, as bytes.
    func photos(_ count: Int) async throws -> [[UInt8]] {
        let folder = data.appending("photos-\(Identifier.version7(at: WallClock.system.now))")
        try File.createDirectory(folder)
        let arguments = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25", "-frames:v"]
        let made = try await Command.run("ffmpeg", arguments + ["\(count)", "\(folder)/%04d.jpg"], within: 60)
        try #require(made.status.isSuccess, "\(made.output)")
        return try File.names(in: folder).sorted().map { try File.read("\(folder)/\($0)") }
    }
}

/// What a PUT was answered.
struct Answer: Sendable {
    let status: Int
    let body: String

    var json: JSON { (try? JSON(parsing: body)) ?? .null }
}

/// Somebody with a token.
struct Person: Sendable {
    let id: Identifier
    let token: String
    let rig: BatchRig

    func call(
        _ method: String,
        _ path: String,
        json: String? = nil,
        _ headers: [String: String] = [:],
        at service: String = "batch-upload"
    ) async throws -> Curl.Response {
        try await Curl.request(
            method,
            rig.url(of: service) + path,
            json: json,
            token: token,
            headers: headers,
            within: 40
        )
    }

    /// Announces files and hands back the batch, once it is open.
    func announce(_ files: [[UInt8]], digests: Bool = false, _ headers: [String: String] = [:]) async throws -> String {
        let list = files.enumerated().map { index, bytes in
            let digest = digests ? #","sha256":"\#(Hexadecimal.encode(HashFunction.sha256.digest(bytes)))""# : ""
            return #"{"name":"photo \#(index).jpg","size":\#(bytes.count),"content_type":"image/jpeg"\#(digest)}"#
        }
        let made = try await call("POST", "/v1/batches", json: #"{"files":[\#(list.joined(separator: ","))]}"#, headers)
        try #require(made.status == 201, "\(made.body)")
        let id = try made.json.text("id")
        try await eventually("the batch is open") { try await batch(id)["state"].string == "open" }
        return id
    }

    func batch(_ id: String) async throws -> JSON { try await call("GET", "/v1/batches/\(id)").json }

    /// Sends bytes as a file or a part; the answer.
    func put(
        _ bytes: [UInt8],
        _ index: Int,
        part: Int? = nil,
        of batch: String,
        _ headers: [String: String] = [:]
    ) async throws -> Answer {
        let folder = try TemporaryDirectory()
        try File.write(folder.appending("body"), bytes)
        var arguments = ["-sS", "-X", "PUT", "-o", folder.appending("answer"), "-w", "%{http_code}"]
        arguments += ["-H", "Authorization: Bearer \(token)", "-H", "Content-Type: application/octet-stream"]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        let path = "/v1/batches/\(batch)/files/\(index)" + (part.map { "/parts/\($0)" } ?? "")
        arguments += ["--data-binary", "@\(folder.appending("body"))", rig.url() + path]
        let result = try await Command.run("curl", arguments, within: 40)
        let answer = (try? File.read(folder.appending("answer"))) ?? []
        return Answer(status: Int(result.output.suffix(3)) ?? 0, body: String(decoding: answer, as: UTF8.self))
    }

    /// Sends whole files, which must be taken.
    func send(_ files: [[UInt8]], of batch: String) async throws {
        for (index, bytes) in files.enumerated() {
            let answer = try await put(bytes, index, of: batch)
            try #require(answer.status == 204, "\(index): \(answer.status) \(answer.body)")
        }
    }

    /// Completes a batch and waits for its end.
    func complete(_ id: String) async throws -> JSON {
        let answer = try await call("POST", "/v1/batches/\(id)/complete", ["Prefer": "wait=1"])
        try #require([200, 202].contains(answer.status), "\(answer.status) \(answer.body)")
        return try await end(of: id)
    }

    func end(of id: String, within seconds: Double = 60) async throws -> JSON {
        try await eventually("batch \(id) has ended", within: seconds) {
            let batch = try await batch(id)
            return batch["ended_at"].string == nil ? nil : batch
        }
    }

    /// The owner's items as others see them, or as the owner does.
    func items(seenBy other: Person? = nil) async throws -> [JSON] {
        try await (other ?? self).call("GET", "/v1/media?owner_id=\(id)&limit=200", at: "media").json["items"].array
    }
}

func contentDigest(_ bytes: [UInt8]) -> [String: String] {
    ["Content-Digest": "sha-256=:\(Base64.encode(HashFunction.sha256.digest(bytes))):"]
}
