import Contracts
import EventBus
import Security
import System
import Telemetry
import TestSupport

/// A broker, a mail sink and the service, with a signing key of ours instead of Auth.
final class NotificationRig: Sendable {
    let broker: ServiceProcess
    let mails: MailSink
    let data: TemporaryDirectory
    let producer: EventProducer
    let key: SigningKey
    let kafka: KafkaConfiguration

    init() async throws {
        broker = try ServiceProcess("broker")
        mails = try await MailSink()
        data = try TemporaryDirectory()
        key = try SigningKey()
        kafka = KafkaConfiguration(bootstrapServers: "127.0.0.1:\(broker.port)")
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        producer = try EventProducer(kafka, logger: Logger(label: "test", level: .error))
        try File.createDirectory(data.appending("notification"))
        try File.replace(
            data.appending("notification/jwks.json"),
            with: JSONWebKeySet(keys: [key.verifyingKey]).json()
        )
    }

    /// Starts the service on the rig's data and waits until it is ready.
    func service() async throws -> ServiceProcess {
        let service = try ServiceProcess(
            "notification",
            environment: [
                "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(broker.port)", "SMTP_URL": mails.url,
                "AUTH_URL": "http://127.0.0.1:9",
            ]
        )
        try await service.waitUntilReady(within: 30)
        return service
    }

    func token(for user: Identifier, session: Identifier = .version7(at: WallClock.system.now)) throws -> String {
        let now = WallClock.system.now
        return try TokenSigner(key: key).sign(
            AccessToken(
                id: .version7(at: now),
                userID: user,
                sessionID: session,
                roles: ["user"],
                issuer: "marquee-auth",
                audience: "marquee",
                issuedAt: now,
                lifetime: 900
            )
        )
    }

    func publish(_ payload: some EventPayload) async throws {
        try await producer.send(Event(payload, at: WallClock.system.now))
    }

    func register(_ user: Identifier, email: String, locale: String = "vi") async throws {
        try await publish(
            UserProfile(
                userID: user,
                email: email,
                handle: "ngoc",
                displayName: "Ngọc",
                locale: locale,
                role: .user
            )
        )
        try await publish(
            UserRegistered(userID: user, locale: locale, role: .user, timestamp: WallClock.system.now)
        )
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
