import Contracts
import EventBus
import FoundationEssentials
import HTTPCore
import Reactor
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

@testable import GatewayService
@testable import HTTPTransport

@Suite(.serialized) struct RequestLogTests {
    /// What has come in on the topic, by sequence: an entry that comes twice counts once.
    private final class Entries: Sendable {
        let bySequence = Mutex<[Int64: GatewayRequest]>([:])
        @Sendable func take(_ event: Event, _ position: EventPosition) {
            guard let entry = try? event.decode(GatewayRequest.self) else { return }
            bySequence.withLock { $0[entry.sequence] = entry }
        }
        var all: [GatewayRequest] { bySequence.withLock { Array($0.values) } }
    }

    private func metric(_ name: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }.map(Int.init)
    }

    @Test func `requests served are entries of the log plus counted drops, with the broker away in the middle`()
        async throws
    {
        let rig = try await GatewayRig()
        let entries = Entries()
        let consumer = try rig.follow(.gatewayRequests, entries.take)
        let user = Identifier.version7(at: WallClock.system.now)
        for round in 0..<3 {
            if round == 1 { try await rig.stopBroker() }
            if round == 2 { try rig.startBroker() }
            #expect(try await rig.get("/", id: "page-\(round)").status == 200)
            #expect(try await rig.get("/v1/nothing/secret?q=secret", id: "none-\(round)").status == 404)
            #expect(try await rig.get("/v1/bookings", token: "bad", id: "bad-\(round)").status == 401)
            let token = try rig.mint.token(for: user)
            #expect(try await rig.get("/v1/users/me", token: token, id: "down-\(round)").status == 503)
            #expect(try await rig.get("/v1/a%2fb", id: "path-\(round)").status == 400)
        }
        let last = try await rig.get("/metrics", id: "last")
        let served = try #require(metric("gateway_request_log_served", in: last.body))
        let dropped = try #require(metric("gateway_request_log_dropped", in: last.body))
        #expect(served >= 15 && dropped == 0)
        try await eventually("every request is in the log", within: 30) {
            let all = entries.all
            return all.contains { $0.requestID == "last" } && all.filter { $0.sequence <= served }.count == served
        }
        await consumer.stop()
        let byID = Dictionary(entries.all.map { ($0.requestID, $0) }) { first, _ in first }
        for round in 0..<3 {
            #expect(byID["page-\(round)"]?.route == "/" && byID["page-\(round)"]?.status == 200)
            #expect(byID["none-\(round)"]?.route == "unmatched" && byID["none-\(round)"]?.status == 404)
            #expect(byID["bad-\(round)"]?.status == 401)
            #expect(byID["path-\(round)"]?.status == 400)
            let down = try #require(byID["down-\(round)"])
            #expect(down.status == 503 && down.service == "user" && down.userID == user && down.sessionID != nil)
            #expect(down.addressPrefix == "127.0.0.0/24" && down.isComplete && down.responseBytes > 100)
            #expect(down.upstreamMicroseconds != nil && down.traceID.count == 32)
        }
        let text = entries.all.map { "\($0)" }.joined()
        #expect(!text.contains("secret"))
    }

    /// Echoes on its socket, and streams events without end elsewhere.
    private static let service: Handler = { request in
        guard request.path == "/v1/notifications/ws" else {
            return .events(for: request) { stream in
                stream.send(ServerSentEvent(data: "first"))
                try await request.loop.sleep(for: .seconds(60))
            }
        }
        return WebSocket.upgrade(request, protocols: ["notifications.v1"]) { socket in
            while let message = await socket.next() { socket.send(message) }
        }
    }

    /// Sends a request and leaves when `mark` has come, or the gateway has closed.
    private func speak(_ text: String, to address: SocketAddress, on loop: EventLoop, until mark: String) async throws {
        let connection = try await Connection.connect(to: address, on: loop, until: .after(.seconds(5)))
        defer { connection.close() }
        try await connection.write(Array(text.utf8), until: .after(.seconds(5)))
        var heard = ""
        while !heard.contains(mark), try await connection.fill(toHold: 1, until: .after(.seconds(5))) {
            heard += String(decoding: connection.input.take(connection.input.count), as: UTF8.self)
        }
        #expect(heard.contains(mark))
    }

    @Test func `sockets and streams are logged at their end, and what could not be read too`() async throws {
        let loops = try EventLoopGroup()
        defer { loops.shutdown() }
        let loop = loops.loops[0]
        let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let service = try HTTPServer(any, on: loops, handler: Self.service)
        let url = "http://127.0.0.1:\(service.address.port)"
        let rig = try await GatewayRig(["NOTIFICATION_URL": url, "BOOKING_URL": url])
        let entries = Entries()
        let consumer = try rig.follow(.gatewayRequests, entries.take)
        let user = Identifier.version7(at: WallClock.system.now)
        let protocols = ["notifications.v1", "bearer.\(try rig.mint.token(for: user))"]
        let gateway = try #require(SocketAddress(host: "127.0.0.1", port: rig.port))
        try await loop.run {
            let serving = Task(executorPreference: loop) { await service.run() }
            let path = "/v1/notifications/ws"
            try await WebSocket.connect(to: gateway, on: loop, path: path, protocols: protocols) { socket in
                socket.send("hello")
                #expect(await socket.next() == .text("hello"))
                #expect(entries.all.allSatisfy { $0.status != 101 })
                socket.close(.normal)
                while await socket.next() != nil {}
            }
            let stream = "GET /v1/bookings/7/stream HTTP/1.1\r\nHost: h\r\n\r\n"
            try await speak(stream, to: gateway, on: loop, until: "first")
            try await speak("GET / HTTP/7.3\r\n\r\n", to: gateway, on: loop, until: "HTTP/1.1 505")
            service.stop()
            await serving.value
        }
        let socket = try await eventually("the socket is in the log") { entries.all.first { $0.status == 101 } }
        #expect(socket.userID == user && socket.isComplete && socket.route == "/v1/notifications/ws")
        #expect(socket.requestBytes >= 11 && socket.responseBytes > 100)
        let cut = try await eventually("the stream is in the log") { entries.all.first { $0.service == "booking" } }
        #expect(cut.status == 200 && !cut.isComplete && cut.route == "/v1/bookings/:id/stream")
        let unread = try await eventually("the nonsense is in the log") { entries.all.first { $0.status == 505 } }
        #expect(unread.method.isEmpty && unread.route == "unmatched" && unread.addressPrefix == "127.0.0.0/24")
        await consumer.stop()
    }

    @Test func `an entry is the JSON of its type`() throws {
        let id = Identifier.version7(at: WallClock.system.now)
        let entry = GatewayRequest(
            requestID: "my \"id\"",
            gatewayID: id.description,
            sequence: 7,
            dropped: 1,
            method: "GET",
            route: "/v1/bookings/:id",
            service: "booking",
            status: 200,
            isComplete: true,
            durationMicroseconds: 1,
            upstreamMicroseconds: 2,
            requestBytes: 3,
            responseBytes: 4,
            userID: id,
            sessionID: id,
            addressPrefix: "10.1.2.0/24",
            addressKey: "9ae16a3b2f90404f",
            traceID: "0af7651916cd43dd8448eb211c80319c",
            policyVersion: 5,
            decision: "allowed",
            judgedAt: 8,
            userJudgedAt: 9,
            timestamp: WallClock.system.now
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(Data(entry.json()) == (try encoder.encode(entry)))
    }

    @Test func `what does not fit into the queue is dropped and counted, and nobody waits`() async throws {
        let kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(try PortProbe.freePort())"))
        let logger = Logger(label: "test", level: .critical)
        let log = try RequestLog(gatewayID: "g", kafka: kafka, clock: .system, logger: logger)
        let address = try #require(SocketAddress(host: "10.1.2.3", port: 1))
        let served = ServedRequest(
            request: nil,
            remoteAddress: address,
            status: .badRequest,
            isComplete: true,
            duration: .zero,
            receivedBytes: 0,
            sentBytes: 0
        )
        let start = MonotonicClock.nanoseconds
        for _ in 0..<RequestLog.capacity + 100 { log.record(served) }
        #expect(MonotonicClock.nanoseconds - start < 20_000_000_000)
        #expect(log.counts == (Int64(RequestLog.capacity + 100), 100))
        await log.stop()
        #expect(log.counts.dropped == log.counts.served)
    }
}
