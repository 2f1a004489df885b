import FoundationEssentials
import Outbound
public import Persistence
import Security
public import ServiceKit
public import System
import Telemetry

/// A service's own queue of mails that carry secrets, in its SQLite file and sealed: tried until the server takes them or
/// the secret is worth nothing any more. A mail may go out twice, under one Message-ID. Any thread.
public struct MailQueue: Sendable {
    /// The table; part of one of the service's migrations.
    public static let schema = """
        CREATE TABLE secret_mails (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
            sealed BLOB NOT NULL,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX secret_mails_by_due ON secret_mails (due_at);
        CREATE INDEX secret_mails_by_owner ON secret_mails (owner_id);

        """
    /// Mails on their way at once.
    private static let lanes = 8
    private static let longestPauseSeconds: Int64 = 60

    /// Hands one mail to the server.
    typealias Send = @Sendable (MailMessage) async throws -> Void

    private let database: Database
    private let box: SecretBox
    private let sender: MailAddress
    private let send: Send?
    private let clock: WallClock
    private let logger: Logger

    /// `key` (32 bytes) seals what is queued. Without `send`, mails are dropped.
    init(
        database: Database,
        key: [UInt8],
        sender: MailAddress,
        clock: WallClock,
        logger: Logger,
        send: Send?
    ) throws {
        self.database = database
        box = try SecretBox(key: key)
        self.sender = sender
        self.send = send
        self.clock = clock
        self.logger = logger
    }

    /// The queue of a service whose database is open, and what wakes it: call `wake()` after each write that added a mail.
    /// `key` (32 bytes) seals what is queued. Without a server, mails are dropped.
    public static func start(
        _ service: ServiceBuilder,
        _ database: Database,
        _ settings: MailSettings,
        key: [UInt8]
    ) throws -> (queue: MailQueue, work: DueWork) {
        var send: Send?
        if let server = settings.server {
            let outbound = try OutboundClient()
            service.onStop { outbound.close() }
            send = { try await outbound.send($0, through: server) }
        } else {
            service.logger.notice("SMTP_URL is not set: no mail is sent")
        }
        let queue = try MailQueue(
            database: database,
            key: key,
            sender: settings.sender,
            clock: service.clock,
            logger: service.logger,
            send: send
        )
        return (queue, service.whenDue("secret mails", queue.step))
    }

    /// Queues a mail in the transaction that made its secret. `id` names the mail for good; what is not sent by
    /// `expiresAt` is dropped.
    public func add(
        _ mail: SecretMail,
        id: Identifier,
        owner: Identifier,
        expiresAt: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        guard send != nil else { return }
        let sealed = try box.seal(Array(JSONEncoder().encode(mail)), context: id.bytes)
        try transaction.execute(
            """
            INSERT INTO secret_mails (id, owner_id, sealed, attempts, due_at, expires_at)
            VALUES (\(id), \(owner), \(sealed), 0, \(clock.now), \(expiresAt)) ON CONFLICT DO NOTHING
            """
        )
    }

    /// Drops what waits for somebody who is gone, or whose secret is no longer good.
    public static func forget(_ owner: Identifier, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM secret_mails WHERE owner_id = \(owner)")
    }

    // MARK: Sending

    private struct Queued {
        let id: Identifier
        let sealed: [UInt8]
        let attempts: Int
        let expiresAt: Timestamp
    }

    /// Sends what is due and says when the next mail is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { connection in
            try connection.rows(
                """
                SELECT id, sealed, attempts, expires_at FROM secret_mails
                WHERE due_at <= \(now) ORDER BY due_at LIMIT \(Self.lanes)
                """
            ) { row in
                Queued(id: try row[0], sealed: try row[1], attempts: try row[2], expiresAt: try row[3])
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for mail in due { group.addTask { try await attempt(mail, at: now) } }
            try await group.waitForAll()
        }
        return try await database.read { try $0.value("SELECT due_at FROM secret_mails ORDER BY due_at LIMIT 1") }
    }

    private func attempt(_ queued: Queued, at now: Timestamp) async throws {
        guard let send, queued.expiresAt > now else { return try await end(queued, "expired") }
        do {
            try await send(message(queued, at: now))
            try await end(queued, nil)
        } catch let error as OutboundError {
            guard error.isRetriable else { return try await end(queued, error.description) }
            let pause = min(1 << Int64(min(queued.attempts, 10)), Self.longestPauseSeconds)
            let due = clock.now.adding(seconds: pause)
            try await database.write(priority: .background) { transaction in
                try transaction.execute(
                    "UPDATE secret_mails SET attempts = attempts + 1, due_at = \(due) WHERE id = \(queued.id)"
                )
            }
            logger.warning("mail not sent", metadata: ["mail": "\(queued.id)", "error": "\(error)"])
        } catch let error as CryptographyError {
            try await end(queued, "\(error)")
        }
    }

    private func message(_ queued: Queued, at now: Timestamp) throws -> MailMessage {
        let opened = try box.open(queued.sealed, context: queued.id.bytes)
        let mail = try JSONDecoder().decode(SecretMail.self, from: Data(opened))
        let domain = sender.address.drop { $0 != "@" }
        return MailMessage(
            from: sender,
            to: mail.receiver,
            subject: mail.subject,
            text: mail.text,
            messageID: "\(queued.id)\(domain)",
            date: now,
            language: mail.language
        )
    }

    /// Drops a mail that was taken, or that never will be.
    private func end(_ queued: Queued, _ failure: String?) async throws {
        try await database.write(priority: .background) { transaction in
            try transaction.execute("DELETE FROM secret_mails WHERE id = \(queued.id)")
        }
        let metadata: Logger.Metadata = ["mail": "\(queued.id)", "error": "\(failure ?? "")"]
        if failure == nil {
            logger.info("mail sent", metadata: ["mail": "\(queued.id)"])
        } else {
            logger.warning("mail dropped", metadata: metadata)
        }
    }
}
