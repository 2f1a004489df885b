import Contracts
import EventBus
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

/// A broker and any number of Chat processes, with a mint of tokens instead of Auth and the test instead of User.
final class ChatRig: Sendable {
    let broker: ServiceProcess
    let producer: EventProducer
    private let directory: TemporaryDirectory
    let mint: TokenMint
    /// Places live as long as this does, whoever lets go of them.
    private let places = Mutex<[Place]>([])

    init() async throws {
        broker = try ServiceProcess("broker")
        directory = try TemporaryDirectory()
        mint = try TokenMint()
        let port = broker.port
        try await eventually("the broker listens", within: 30) { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(port)"))
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
    }

    /// Somebody who is known to User.
    struct Person: Sendable {
        let id: Identifier
        let session: Identifier
        let token: String
        let handle: String
    }

    /// A place for a process: its port and data stay when it is killed.
    struct Place: Sendable {
        let data: TemporaryDirectory
        let port: UInt16
    }

    func place() throws -> Place {
        let data = try TemporaryDirectory()
        try mint.trust(in: data, by: "chat")
        let place = Place(data: data, port: try PortProbe.freePort())
        places.withLock { $0.append(place) }
        return place
    }

    /// Starts a process at a place and waits until it is ready.
    func chat(at place: Place, environment more: [String: String] = [:]) async throws -> ServiceProcess {
        let environment = [
            "DATA_DIR": place.data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)",
            "PORT": String(place.port),
        ]
        let process = try ServiceProcess("chat", environment: environment.merging(more) { $1 })
        try await process.waitUntilReady(within: 30)
        return process
    }

    func publish(_ payload: some EventPayload, sequence: Int64? = nil) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now, sequence: sequence))
    }

    /// Signs somebody up.
    func person(_ handle: String) async throws -> Person {
        let (id, session) = (Identifier.version7(at: .now), Identifier.version7(at: .now))
        let person = Person(
            id: id,
            session: session,
            token: try mint.token(for: id, session: session),
            handle: handle
        )
        try await publish(UserRegistered(userID: id, locale: "vi", role: .user, timestamp: .now))
        try await publish(
            UserProfile(
                userID: id,
                email: "\(handle)@example.com",
                handle: handle,
                displayName: "Person \(handle)",
                locale: "vi",
                role: .user
            ),
            sequence: 1
        )
        return person
    }

    /// Rows of the tables of a process, without what is its own: which number a message has there, and when it applied what.
    func tables(of place: Place) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for table in ["rooms", "members", "mentions", "changes", "people", "blocks", "banned_users", "erased_users"]:
                for row in sorted(map(repr, base.execute(f"SELECT * FROM {table}"))): print(table, row)
            columns = "id, room_id, seq, change, author_id, client_message_id, body, created_at, edited_at, deleted_at"
            for row in sorted(map(repr, base.execute(f"SELECT {columns} FROM messages"))): print("messages", row)
            """
        let result = try await Command.python(program, [place.data.appending("chat/chat.sqlite")])
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output
    }
}

extension Timestamp {
    static var now: Timestamp { WallClock.system.now }
}

extension ServiceProcess {
    /// Sends a request as somebody.
    func call(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        by person: ChatRig.Person? = nil,
        headers: [String: String] = [:]
    ) async throws -> Curl.Response {
        try await Curl.request(method, url + "/v1/chat" + path, json: json, token: person?.token, headers: headers)
    }

    /// Opens a room; its id.
    func room(
        _ type: String = "group",
        of people: [ChatRig.Person],
        by person: ChatRig.Person
    ) async throws -> String {
        let ids = people.map { "\"\($0.id)\"" }.joined(separator: ",")
        let answer = try await call("POST", "/rooms", #"{"type":"\#(type)","member_ids":[\#(ids)]}"#, by: person)
        try #require(answer.status == 201, "\(answer.body)\n\(log.suffix(2000))")
        return try answer.json.text("id")
    }

    /// Sends a message, and expects that it is taken.
    func say(_ body: String, as name: String, in room: String, by person: ChatRig.Person) async throws -> JSON {
        let json = try JSON.object(["body": .string(body)]).text()
        let answer = try await call("PUT", "/rooms/\(room)/messages/\(name)", json, by: person)
        try #require(answer.status == 201, "\(answer.body)\n\(log.suffix(2000))")
        return answer.json
    }
}
