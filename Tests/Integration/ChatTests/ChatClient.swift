import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// A socket of somebody, which keeps all frames that come.
final class ChatClient: Sendable {
    private struct State {
        var frames: [JSON] = []
        var socket: WebSocket?
        var closeCode: UInt16?
        var isOver = false
    }

    private let state = Mutex(State())
    private let loops: EventLoopGroup

    /// Connects to a port; with a token in the handshake, when there is one.
    init(_ port: UInt16, token: String? = nil, headers: HTTPFields = [:]) async throws {
        loops = try EventLoopGroup(count: 1)
        let loop = loops.next()
        let address = try #require(SocketAddress(host: "127.0.0.1", port: port))
        Task(executorPreference: loop) { [self] in
            try? await WebSocket.connect(
                to: address,
                on: loop,
                path: "/v1/chat/ws",
                headerFields: headers,
                protocols: ["chat.v1"] + (token.map { ["bearer.\($0)"] } ?? [])
            ) { socket in
                state.withLock { $0.socket = socket }
                while let message = await socket.next() {
                    guard case .text(let text) = message, let frame = try? JSON(parsing: text) else { continue }
                    state.withLock { $0.frames.append(frame) }
                }
                let code = socket.closeCode?.rawValue
                state.withLock { $0.closeCode = code }
            }
            state.withLock { $0.isOver = true }
        }
        try await eventually("the socket is open") { self.state.withLock { $0.socket != nil || $0.isOver } }
    }

    deinit { loops.shutdown() }

    /// A socket that says who it is in its first frame.
    static func hello(
        _ port: UInt16,
        _ person: ChatRig.Person,
        resume: [String: JSON] = [:]
    ) async throws -> ChatClient {
        let client = try await ChatClient(port)
        try client.send([
            "type": .string("hello"), "access_token": .string(person.token), "resume": .object(resume),
        ])
        _ = try await client.first { $0["type"].string == "ready" }
        return client
    }

    func send(_ members: [String: JSON]) throws {
        let text = try JSON.object(members).text()
        _ = state.withLock { $0.socket }?.send(text)
    }

    /// Sends a message.
    func say(_ body: String, as name: String, in room: String) throws {
        try send([
            "type": .string("send"), "room_id": .string(room), "client_message_id": .string(name),
            "body": .string(body),
        ])
    }

    /// Everything that came so far.
    var frames: [JSON] { state.withLock { $0.frames } }

    /// Frames of a type.
    func frames(_ type: String) -> [JSON] { frames.filter { $0["type"].string == type } }

    /// The first frame that is wanted, when it has come.
    func first(_ isWanted: @escaping @Sendable (JSON) -> Bool) async throws -> JSON {
        try await eventually("a frame of \(frames.count)") { self.frames.first(where: isWanted) }
    }

    /// How the socket ended, when it has.
    func closeCode() async throws -> UInt16? {
        try await eventually("the socket ends") { self.state.withLock { $0.isOver } }
        return state.withLock { $0.closeCode }
    }

    /// Ends the socket.
    func close() { state.withLock { $0.socket }?.close(.normal) }

    /// Has every frame that came judged by the schema of `chat.v1`.
    func expectFramesAsDescribed() async throws {
        let program = """
            import json, sys, jsonschema
            document = json.load(open(sys.argv[1]))
            schema = {"$ref": "#/$defs/server", "$defs": document["$defs"]}
            judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
            closed = {name[7:]: set(one["properties"]) for name, one in document["$defs"].items() if name[:7] == "server_"}
            for text in sys.argv[2:]:
                frame = json.loads(text)
                judge.validate(frame)
                assert set(frame) <= closed[frame["type"]], frame
            """
        let path = "\(SourceFile.repository)/Shared/Contracts/chat.v1.json"
        let judged = try await Command.python(program, [path] + frames.map { try $0.text() }, within: 30)
        #expect(judged.status.isSuccess, "\(judged.output.suffix(2000))")
        #expect(!frames.isEmpty)
    }
}
