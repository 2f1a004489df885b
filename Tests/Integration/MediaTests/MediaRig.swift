import BlobStore
import Contracts
import EventBus
import System
import Telemetry
import TestSupport
import Testing

/// A broker and the service, with a mint of tokens instead of Auth and the test instead of a worker.
final class MediaRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let mint: TokenMint
    let producer: EventProducer
    let blobs: BlobStore
    private let environment: [String: String]

    /// With the blobs in the data folder, or in an object store.
    init(environment more: [String: String] = [:], objects: ObjectStore? = nil) async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "media")
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(port)"))
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
        let prefix = Identifier.version7(at: WallClock.system.now)
        let place = objects == nil ? "file:\(data.path)/blobs" : "s3:\(ObjectStore.bucket)/\(prefix)"
        let access = objects?.environment ?? [:]
        blobs = try BlobStore(place, environment: access)
        environment = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(port)",
            "PORT": String(try PortProbe.freePort()), "BLOB_GRACE_SECONDS": "1", "BLOB_SWEEP_SECONDS": "1",
            "BLOB_STORE": place,
        ].merging(access) { $1 }.merging(more) { $1 }
    }

    /// Starts the service on the rig's data and port and waits until it is ready.
    func service(_ more: [String: String] = [:], through launcher: [String] = []) async throws -> ServiceProcess {
        let service = try ServiceProcess("media", environment: environment.merging(more) { $1 }, through: launcher)
        try await service.waitUntilReady(within: 30)
        return service
    }

    /// Starts a worker on the same blobs.
    func worker() async throws -> ServiceProcess {
        let own = ["PORT": String(try PortProbe.freePort()), "KAFKA_SESSION_TIMEOUT_MS": "6000"]
        let worker = try ServiceProcess("media-worker", environment: environment.merging(own) { $1 })
        try await worker.waitUntilReady(within: 30)
        return worker
    }

    /// What workers have in the folders of their jobs.
    func jobFiles() throws -> [String] {
        let jobs = data.appending("media-worker/jobs")
        return try File.names(in: jobs).flatMap { worker in
            try File.names(in: "\(jobs)/\(worker)").filter { Int($0) != nil }.flatMap { slot in
                try ["in", "out"].flatMap { try File.names(in: "\(jobs)/\(worker)/\(slot)/\($0)") }
            }
        }
    }

    func person() throws -> Person {
        let id = Identifier.version7(at: WallClock.system.now)
        return Person(id: id, token: try mint.token(for: id))
    }

    func admin() throws -> Person {
        let id = Identifier.version7(at: WallClock.system.now)
        return Person(id: id, token: try mint.token(for: id, roles: ["user", "admin"]))
    }

    struct Person: Sendable {
        let id: Identifier
        let token: String
    }

    /// A file that begins as a PNG does.
    func picture(_ name: String, size: Int) throws -> String {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        var state = UInt64(truncatingIfNeeded: name.hashValue) | 1
        while bytes.count < size {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(truncatingIfNeeded: state >> 40))
        }
        return try file(name, bytes)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try File.replace(data.appending(name), with: bytes)
        return data.appending(name)
    }

    /// Puts a file into the blob store as a worker does, and describes it.
    func variant(_ name: String, _ content: String) async throws -> MediaVariant {
        let path = try file("variant", Array(content.utf8))
        let size = Int64(content.utf8.count)
        let digest = try ContentDigest.of(file: path, size: size)
        try await blobs.put(file: path, digest: digest, size: size)
        return MediaVariant(
            name: name,
            contentType: "image/webp",
            width: 200,
            height: 100,
            size: size,
            sha256: digest.description
        )
    }

    func publish(_ payload: some EventPayload) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    /// Types, ids and payloads on `media-events` about an item so far.
    func events(of item: String) async throws -> [(type: String, id: String, payload: JSON)] {
        let arguments = [
            "-b", "127.0.0.1:\(broker.port)", "-t", "media-events", "-C", "-e", "-q", "-o", "beginning", "-f",
            "%k|%h|%s\n",
        ]
        let lines = try await Command.run("kcat", arguments, within: 20).output.split(separator: "\n")
        return try lines.filter { $0.hasPrefix(item) }.map { line in
            let parts = line.split(separator: "|", maxSplits: 2)
            let headers = Dictionary(
                parts[1].split(separator: ",").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
                    .filter { $0.count == 2 }.map { ($0[0], $0[1]) }
            ) { first, _ in first }
            return (headers["ce_type"] ?? "", headers["ce_id"] ?? "", try JSON(parsing: String(parts[2])))
        }
    }

    /// The names of all blobs, and of all files of uploads.
    func stored() async throws -> (blobs: [String], uploads: [String]) {
        (
            try await blobs.list(limit: 1000).map(\.digest.description),
            try File.names(in: data.appending("media/uploads"))
        )
    }
}

extension ServiceProcess {
    /// Uploads a file by one request of curl.
    func upload(
        _ path: String,
        by person: MediaRig.Person,
        query: String = "",
        headers: [String: String] = [:],
        arguments more: [String] = []
    ) async throws -> (status: Int, json: JSON) {
        var arguments = ["-sS", "-X", "POST", "-w", "\n%{http_code}", "-H", "Authorization: Bearer \(person.token)"]
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        arguments += more.isEmpty ? ["-H", "Content-Type:", "--data-binary", "@\(path)"] : more
        let result = try await Command.run("curl", arguments + ["\(url)/v1/media\(query)"], within: 60)
        let lines = result.output.split(separator: "\n")
        let status = try #require(lines.last.flatMap { Int($0) }, "\(result.output)")
        return (status, (try? JSON(parsing: lines.dropLast().joined(separator: "\n"))) ?? .null)
    }

    func get(_ path: String, by person: MediaRig.Person? = nil, _ headers: [String: String] = [:]) async throws
        -> Curl.Response
    {
        try await Curl.request("GET", url + path, token: person?.token, headers: headers)
    }
}
