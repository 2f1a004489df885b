import Contracts
import EventBus
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

/// A broker and the service, with a mint of tokens instead of Auth and the test instead of Media, Comment and User.
final class LikeRig: Sendable {
    let data: TemporaryDirectory
    let mint: TokenMint
    let producer: EventProducer
    /// Where the service listens.
    let url: String
    private let (brokerPort, port): (UInt16, UInt16)
    private let running = Mutex<[String: ServiceProcess]>([:])
    private let environment: [String: String]

    struct Person: Sendable {
        let id: Identifier
        let token: String
    }

    init(environment more: [String: String] = [:]) async throws {
        (brokerPort, port) = (try PortProbe.freePort(), try PortProbe.freePort())
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "like")
        url = "http://127.0.0.1:\(port)"
        environment = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(brokerPort)",
            "PORT": "\(port)", "LIKE_COUNTS_SECONDS": "1",
        ].merging(more) { $1 }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(brokerPort)"))
        let logger = Logger(label: "test", level: .critical)
        producer = try EventProducer(kafka, logger: logger)
        try startBroker()
        let broker = brokerPort
        try await eventually("the broker listens", within: 30) { PortProbe.accepts(broker, timeoutMilliseconds: 200) }
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        try await start()
    }

    /// Host and port of the broker.
    var broker: String { "127.0.0.1:\(brokerPort)" }

    func startBroker() throws {
        let folder = data.appending("broker")
        try File.createDirectory(folder)
        let broker = try ServiceProcess("broker", environment: ["PORT": "\(brokerPort)", "DATA_DIR": folder])
        running.withLock { $0["broker"] = broker }
    }

    /// Starts the service on the rig's data and port and waits until it is ready.
    func start(arguments: [String] = []) async throws {
        let service = try ServiceProcess("like", arguments: arguments, environment: environment)
        running.withLock { $0["like"] = service }
        if arguments.isEmpty { try await service.waitUntilReady(within: 60) }
    }

    /// Starts Analytics on the same log; where it listens.
    func analytics() async throws -> String {
        try mint.trust(in: data, by: "analytics")
        let own = ["PORT": "\(try PortProbe.freePort())"]
        let service = try ServiceProcess("analytics", environment: environment.merging(own) { $1 })
        running.withLock { $0["analytics"] = service }
        try await service.waitUntilReady(within: 60)
        return service.url
    }

    /// The process of a service that runs.
    func process(_ name: String) throws -> ServiceProcess {
        try #require(running.withLock { $0[name] })
    }

    /// Ends a program as a crash would, and starts it again.
    func crash(_ name: String) async throws {
        try await process(name).kill()
        if name == "broker" { try startBroker() } else { try await start() }
    }

    func person(roles: [String] = ["user"]) throws -> Person {
        let id = Identifier.version7(at: WallClock.system.now)
        return Person(id: id, token: try mint.token(for: id, roles: roles))
    }

    func publish(_ payload: some EventPayload, sequence: Int64? = nil) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now, sequence: sequence))
    }

    /// A photo of somebody that is ready, or is not yet.
    func photo(
        of owner: Person,
        _ id: Identifier = .version7(at: WallClock.system.now),
        visibility: MediaVisibility = .public,
        isReady: Bool = true
    ) async throws -> Identifier {
        let uploaded = MediaUploaded(
            mediaID: id,
            ownerID: owner.id,
            visibility: visibility,
            contentType: "image/png",
            size: 1,
            sha256: String(repeating: "1", count: 64),
            presetVersion: 1
        )
        try await publish(uploaded, sequence: 1)
        if isReady { try await process(id, of: owner, visibility: visibility) }
        return id
    }

    /// The photo is ready.
    func process(_ id: Identifier, of owner: Person, visibility: MediaVisibility = .public) async throws {
        let processed = MediaProcessed(
            mediaID: id,
            ownerID: owner.id,
            visibility: visibility,
            kind: .image,
            width: 1,
            height: 1,
            placeholder: "L",
            variants: []
        )
        try await publish(processed, sequence: 2)
    }

    /// A comment on a photo, as ``CommentChange``.
    func change<Name>(
        _ name: Name.Type,
        _ comment: Identifier,
        of author: Person,
        on photo: Identifier,
        version: Int
    ) -> CommentChange<Name> {
        CommentChange<Name>(
            commentID: comment,
            targetID: photo,
            targetOwnerID: author.id,
            authorID: author.id,
            depth: 0,
            version: version,
            actorID: author.id,
            timestamp: WallClock.system.now
        )
    }

    func call(
        _ method: String,
        _ path: String,
        by person: Person? = nil,
        json: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Curl.Response {
        try await Curl.request(method, url + path, json: json, token: person?.token, headers: headers)
    }

    func like(_ photo: Identifier, by person: Person) async throws -> Curl.Response {
        try await call("PUT", "/v1/media/\(photo)/likes/me", by: person)
    }

    func unlike(_ photo: Identifier, by person: Person) async throws -> Curl.Response {
        try await call("DELETE", "/v1/media/\(photo)/likes/me", by: person)
    }

    /// The audit's word; its drift must be 0.
    func audit() async throws -> JSON {
        let answer = try await call("GET", "/v1/admin/likes/audit", by: try person(roles: ["admin"]))
        try #require(answer.status == 200, "\(answer.body)")
        return answer.json
    }

    /// The records of a topic so far, as ``EventCheck/records(broker:)`` reads them, in the order of each partition.
    func records(_ topic: String) async throws -> [JSON] {
        let read = try await Command.run(
            "kcat",
            ["-C", "-q", "-J", "-e", "-o", "beginning", "-b", broker, "-t", topic],
            within: 60
        )
        return try read.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    /// Types and payloads on `like-events` about a target so far.
    func events(of target: Identifier) async throws -> [(type: String, payload: JSON)] {
        try await records("like-events").filter { $0["key"].string == target.description }.map {
            (try #require($0.header("ce_type")), try JSON(parsing: $0["payload"].string ?? ""))
        }
    }
}

extension JSON {
    /// A header of a record that kcat has read.
    func header(_ name: String) -> String? {
        let headers = self["headers"].array.map(\.string)
        return headers.firstIndex(of: name).flatMap { headers[$0 + 1] }
    }
}
