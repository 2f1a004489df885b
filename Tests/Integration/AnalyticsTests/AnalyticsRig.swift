import Contracts
import EventBus
import Security
import System
import Telemetry
import TestSupport

/// A broker and the service, with a mint of tokens instead of Auth.
final class AnalyticsRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let producer: EventProducer
    let kafka: KafkaConfiguration
    let admin: String
    let mint: TokenMint

    init() async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "analytics")
        admin = try mint.token(for: .version7(at: WallClock.system.now), roles: ["admin"])
        kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.port)"))
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let logger = Logger(label: "test", level: .error)
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
    }

    /// Starts the service on the rig's data and waits until it is ready.
    func service(_ environment: [String: String] = [:]) async throws -> ServiceProcess {
        let variables = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)",
        ]
        let service = try ServiceProcess("analytics", environment: variables.merging(environment) { $1 })
        try await service.waitUntilReady(within: 30)
        return service
    }

    /// Publishes a payload as of a time.
    func publish(_ payload: some EventPayload, at time: Timestamp = WallClock.system.now) async throws {
        try await producer.send(Event(payload, at: time))
    }

    /// Many at once.
    func publish(_ events: [Event]) async throws {
        try await withThrowingTaskGroup { group in
            for event in events { group.addTask { try await self.producer.send(event) } }
            try await group.waitForAll()
        }
    }

    /// Asks as an administrator.
    func get(_ service: ServiceProcess, _ path: String) async throws -> Curl.Response {
        try await Curl.request("GET", service.url + path, token: admin)
    }

    /// The values of a metric over all time, by key.
    func totals(_ service: ServiceProcess, _ metric: String, by dimension: String? = nil) async throws -> [String: Int]
    {
        let group = dimension.map { "&group_by=\($0)" } ?? ""
        let answer = try await get(service, "/v1/analytics/metrics/\(metric)?bucket=all\(group)")
        guard answer.status == 200 else { throw StackFailure(description: answer.body) }
        return Dictionary(answer.json["buckets"].array.map { ($0["key"].string ?? "?", $0["value"].int ?? -1) }) { $1 }
    }

    /// Waits until a metric has a value.
    func wait(_ service: ServiceProcess, _ metric: String, by dimension: String? = nil, for totals: [String: Int])
        async throws
    {
        try await eventually("\(metric) is \(totals)") {
            try await self.totals(service, metric, by: dimension) == totals
        }
    }
}

/// Events of a made-up cinema.
struct Sale {
    let booking = Identifier.version7(at: WallClock.system.now)
    let user = Identifier.version7(at: WallClock.system.now)
    let movie: Identifier
    let showtime: Identifier
    let seats: [String]
    let amount: Int64
    let time: Timestamp

    func event<Name>(_ type: TicketChange<Name>.Type, at time: Timestamp) throws -> Event {
        try Event(
            TicketChange<Name>(
                bookingID: booking,
                userID: user,
                movieID: movie,
                showtimeID: showtime,
                seats: seats,
                amount: amount,
                currency: "VND",
                timestamp: time
            ),
            at: time
        )
    }

    func booked() throws -> Event { try event(TicketBooked.self, at: time) }

    func cancelled(after seconds: Int64) throws -> Event {
        try event(TicketCancelled.self, at: time.adding(seconds: seconds))
    }
}
