import Contracts
import EventBus
import Outbound
import Persistence
import System
import Telemetry

/// Sends the queued mails: rendered in the person's locale when they are sent, tried again with back-off, put aside when
/// the server refuses for good. A crash between the server's answer and its record sends a mail twice, under the same
/// Message-ID.
struct MailQueue: Sendable {
    private static let batch = 32

    let database: Database
    let outbound: OutboundClient
    let server: SMTPServer
    let sender: MailAddress
    let clock: WallClock
    let logger: Logger

    /// Sends what is due, and says when the next mail is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let due = try await database.read { try NotificationStore.dueMails(at: now, limit: Self.batch, $0) }
        for mail in due { try await attempt(mail) }
        return try await database.read(NotificationStore.nextMail)
    }

    private func attempt(_ mail: QueuedMail) async throws {
        let user = mail.userID
        guard let profile = try await database.read({ try NotificationStore.profile(of: user, $0) }) else {
            // The profile travels on another topic and may come later.
            return try await failed(mail, "no profile yet", isFinal: false)
        }
        var data = mail.data
        data["name"] = profile.name
        guard let rendered = Template.named(mail.template, in: profile.locale)?.renderMail(data) else {
            return try await failed(mail, "no template \(mail.template)", isFinal: true)
        }
        let domain = sender.address.drop { $0 != "@" }
        let message = MailMessage(
            from: sender,
            to: MailAddress(name: profile.name, address: profile.email),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            messageID: "\(mail.id)\(domain)",
            date: clock.now,
            language: profile.locale.rawValue
        )
        do {
            try await outbound.send(message, through: server)
        } catch let problem as OutboundError {
            return try await failed(mail, problem.description, isFinal: !problem.isRetriable)
        }
        try await sent(mail)
    }

    private func sent(_ mail: QueuedMail) async throws {
        let now = clock.now
        try await database.write { transaction in
            try NotificationStore.markSent(mail, transaction)
            try transaction.publish(event(NotificationDelivered(mail, at: now), of: mail, at: now))
        }
        logger.info("mail sent", metadata: ["notification": "\(mail.id)", "template": "\(mail.template)"])
    }

    private func failed(_ mail: QueuedMail, _ reason: String, isFinal: Bool) async throws {
        let now = clock.now
        let retryAt = isFinal ? nil : mail.retry(after: now)
        try await database.write { transaction in
            try NotificationStore.markFailed(mail, reason, retryAt: retryAt, transaction)
            guard retryAt == nil else { return }
            let failed = NotificationFailed(mail, at: now, reason: reason)
            try transaction.publish(event(failed, of: mail, at: now))
        }
        logger.warning("mail not sent", metadata: ["notification": "\(mail.id)", "error": "\(reason)"])
    }

    private func event(_ outcome: some EventPayload, of mail: QueuedMail, at now: Timestamp) throws -> Event {
        let id = Identifier.derived(source: "/notification", cause: mail.id, index: 2)
        return try Event(outcome, id: id, at: now)
    }
}

extension NotificationOutcome {
    /// The outcome of a mail.
    init(_ mail: QueuedMail, at now: Timestamp, reason: String? = nil) {
        self.init(
            notificationID: mail.id,
            userID: mail.userID,
            channel: "email",
            template: mail.template,
            timestamp: now,
            reason: reason
        )
    }
}
