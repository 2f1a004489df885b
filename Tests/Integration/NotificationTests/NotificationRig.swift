import Contracts
import EventBus
import Synchronization
import System
import Telemetry
import TestSupport

/// A broker and the service, with a mint of tokens instead of Auth, and a mail server when one is asked for.
final class NotificationRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let producer: EventProducer
    private let mailPort: UInt16
    private let mint: TokenMint
    private let kafka: KafkaConfiguration
    private let deliveries: BroadcastConsumer
    private let told: Told

    /// A rig whose service sends its mails to the port.
    init(mailPort: UInt16 = 9) async throws {
        self.mailPort = mailPort
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "notification")
        kafka = KafkaConfiguration(environment: BrokerSecurity.client(of: "127.0.0.1:\(broker.port)"))
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        let logger = Logger(label: "test", level: .error)
        // A broker that makes a topic for a producer gives it another partition count than declared.
        try await TopicAdmin(kafka, logger: logger).ensure(Topic.all)
        producer = try EventProducer(kafka, logger: logger)
        let told = Told()
        deliveries = try BroadcastConsumer(
            topics: [.notificationDeliveries],
            from: .beginning,
            kafka: kafka,
            logger: logger
        ) { event, _ in told.add(event) }
        self.told = told
        try deliveries.run()
    }

    /// Starts the service on the rig's data and waits until it is ready.
    func service(_ environment: [String: String] = [:]) async throws -> ServiceProcess {
        let service = try start(environment: environment)
        try await service.waitUntilReady(within: 30)
        return service
    }

    /// Starts the service on the rig's data, however that ends.
    func start(_ arguments: [String] = [], environment: [String: String] = [:]) throws -> ServiceProcess {
        try ServiceProcess(
            "notification",
            arguments: arguments,
            environment: [
                "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)",
                "SMTP_URL": "smtp://127.0.0.1:\(mailPort)",
            ].merging(environment) { $1 }
        )
    }

    func token(for user: Identifier, session: Identifier = .version7(at: WallClock.system.now)) throws -> String {
        try mint.token(for: user, session: session)
    }

    /// What became of mails so far, as the service tells it: the types of the events.
    var mailOutcomes: [String] { outcomes(of: "email") }

    /// What became of deliveries on a channel so far: the types of the events.
    func outcomes(of channel: String) -> [String] { told.types(of: channel) }

    func publish(_ payload: some EventPayload) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    func register(
        _ user: Identifier,
        email: String,
        name: String = "Ngọc",
        handle: String = "ngoc",
        locale: String = "vi"
    ) async throws {
        try await publish(
            UserProfile(
                userID: user,
                email: email,
                handle: handle,
                displayName: name,
                locale: locale,
                role: .user
            )
        )
        try await publish(
            UserRegistered(userID: user, locale: locale, role: .user, timestamp: WallClock.system.now)
        )
    }

    /// Waits until the service knows a profile, which travels on another topic than what it is to be told.
    func waitForProfile(of user: Identifier) async throws {
        let id = user.description.replacing("-", with: "")
        try await waitForRows(1, in: "profiles WHERE user_id = x'\(id)'")
    }

    /// Waits until a table of the service has so many rows.
    func waitForRows(_ count: Int, in table: String) async throws {
        try await eventually("\(count) rows in \(table)", within: 20) {
            try await rows("SELECT count(*) FROM \(table)") == "\(count)\n"
        }
    }

    /// What a query of the service's file prints, a row a line, columns separated by bars.
    func rows(_ query: String) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1], timeout=10)
            for row in base.execute(sys.argv[2]): print(*row, sep="|")
            base.commit()
            """
        return try await Command.python(program, [data.appending("notification/notification.sqlite"), query]).output
    }

    /// Somebody's inbox, newest first.
    func inbox(of user: Identifier, _ service: ServiceProcess) async throws -> [JSON] {
        try await Curl.request("GET", "\(service.url)/v1/notifications", token: token(for: user)).json["items"].array
    }

    /// What the entries of somebody's inbox say, newest first.
    func messages(of user: Identifier, _ service: ServiceProcess) async throws -> [String] {
        try await inbox(of: user, service).map { $0["message"].string ?? "" }
    }

    func booked(_ user: Identifier) -> NotificationRequested {
        NotificationRequested(
            userID: user,
            message: "Vé của bạn cho suất 19:00 đã được đặt thành công!",
            template: "booking.booked",
            data: ["time": "19:00", "date": "2025-03-20", "seats": "A1"]
        )
    }
}

/// What the service told of deliveries.
private final class Told: Sendable {
    private let events = Mutex<[Event]>([])

    func types(of channel: String) -> [String] {
        events.withLock { events in
            events.filter { String(decoding: $0.value ?? [], as: UTF8.self).contains(#""channel":"\#(channel)""#) }
                .map(\.type)
        }
    }

    func add(_ event: Event) { events.withLock { $0.append(event) } }
}
