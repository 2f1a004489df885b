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
            traceID: "0af7651916cd43dd8448eb211c80319c",
            policyVersion: 5,
            decision: "allowed",
            timestamp: WallClock.system.now
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(Data(entry.json()) == (try encoder.encode(entry)))
    }

    @Test func `what does not fit into the queue is dropped and counted, and nobody waits`() async throws {
        let kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(try PortProbe.freePort())")
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
        #expect(MonotonicClock.nanoseconds - start < 2_000_000_000)
        #expect(log.counts == (Int64(RequestLog.capacity + 100), 100))
        await log.stop()
        #expect(log.counts.dropped == log.counts.served)
    }
}
