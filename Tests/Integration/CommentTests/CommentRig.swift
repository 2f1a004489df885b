import Contracts
import EventBus
import System
import Telemetry
import TestSupport
import Testing

/// A broker and the service, with a mint of tokens instead of Auth and the test instead of Media, User and Like.
final class CommentRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let producer: EventProducer
    private let mint: TokenMint
    private let environment: [String: String]

    init(environment more: [String: String] = [:]) async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "comment")
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(port)"))
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
        environment = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(port)",
            "PORT": String(try PortProbe.freePort()), "COMMENT_PER_MINUTE": "600",
        ].merging(more) { $1 }
    }

    struct Person: Sendable {
        let id: Identifier
        let token: String
    }

    /// Starts the service on the rig's data and port and waits until it is ready.
    func service(arguments: [String] = []) async throws -> ServiceProcess {
        let service = try ServiceProcess("comment", arguments: arguments, environment: environment)
        if arguments.isEmpty { try await service.waitUntilReady(within: 30) }
        return service
    }

    func publish(_ payload: some EventPayload, sequence: Int64? = nil) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now, sequence: sequence))
    }

    func person(roles: [String] = ["user"]) throws -> Person {
        let id = Identifier.version7(at: WallClock.system.now)
        return Person(id: id, token: try mint.token(for: id, roles: roles))
    }

    func introduce(_ person: Person, as handle: String) async throws {
        let profile = UserProfile(
            userID: person.id,
            email: "\(handle)@example.com",
            handle: handle,
            displayName: "Person \(handle)",
            locale: "vi",
            role: .user
        )
        try await publish(profile, sequence: 1)
    }

    /// A picture that is ready.
    func picture(of owner: Person, _ visibility: MediaVisibility = .public) async throws -> Identifier {
        let id = Identifier.version7(at: WallClock.system.now)
        try await publish(
            MediaUploaded(
                mediaID: id,
                ownerID: owner.id,
                visibility: visibility,
                contentType: "image/png",
                size: 1,
                sha256: String(repeating: "0", count: 64),
                presetVersion: 1
            )
        )
        try await publish(
            MediaProcessed(
                mediaID: id,
                ownerID: owner.id,
                visibility: visibility,
                kind: .image,
                width: 1,
                height: 1,
                placeholder: "",
                variants: []
            )
        )
        return id
    }

    /// Types and payloads on `comment-events` so far.
    func events() async throws -> [(type: String, payload: JSON)] {
        let arguments = [
            "-b", "127.0.0.1:\(broker.port)", "-t", "comment-events", "-C", "-e", "-q", "-o", "beginning", "-f",
            "%h|%s\n",
        ]
        let lines = try await Command.run("kcat", arguments, within: 20).output.split(separator: "\n")
        return try lines.map { line in
            let parts = line.split(separator: "|", maxSplits: 1)
            let type = parts[0].split(separator: ",").first { $0.hasPrefix("ce_type=") }?.dropFirst(8)
            return (String(type ?? ""), try JSON(parsing: String(parts[1])))
        }
    }

    /// Rows of statements on the service's file, by Python's SQLite.
    func rows(_ statements: String...) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for statement in sys.argv[2:]:
                for row in base.execute(statement): print([v.hex() if isinstance(v, bytes) else v for v in row])
            """
        let result = try await Command.python(program, [data.appending("comment/comment.sqlite")] + statements)
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output
    }
}

extension ServiceProcess {
    /// Sends a request as somebody.
    func call(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        by person: CommentRig.Person? = nil,
        headers: [String: String] = [:]
    ) async throws -> Curl.Response {
        try await Curl.request(method, url + path, json: json, token: person?.token, headers: headers)
    }

    /// Comments on something, and expects that it is taken.
    func comment(
        _ body: String,
        on item: Identifier,
        by person: CommentRig.Person,
        to parent: String? = nil
    ) async throws -> JSON {
        var members: [String: JSON] = ["body": .string(body)]
        if let parent { members["parent_id"] = .string(parent) }
        let answer = try await call("POST", "/v1/media/\(item)/comments", JSON.object(members).text(), by: person)
        try #require(answer.status == 201, "\(answer.body)")
        return answer.json
    }

    /// The texts of a list, page by page.
    func texts(_ path: String, limit: Int = 2) async throws -> [String?] {
        var (texts, cursor): ([String?], String?) = ([], nil)
        repeat {
            let query = "\(path.contains("?") ? "&" : "?")limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")
            let page = try await call("GET", path + query)
            try #require(page.status == 200, "\(page.body)")
            texts += page.json["items"].array.map { $0["body"].string }
            cursor = page.json["next_cursor"].string
        } while cursor != nil
        return texts
    }
}
