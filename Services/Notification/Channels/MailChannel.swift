import Outbound
import Persistence
import ServiceKit
import System

/// Mails, through one server. A mail of a kind that can be done without says how one request ends it (RFC 8058).
struct MailChannel: Sendable {
    let database: Database
    let outbound: OutboundClient
    let server: SMTPServer
    let sender: MailAddress
    let unsubscribing: UnsubscribeTokens
    let clock: WallClock

    @Sendable func send(_ delivery: Delivery) async throws -> DeliveryOutcome {
        guard Template.all[delivery.template] != nil else { return .refused("no template \(delivery.template)") }
        let (text, isSuppressed) = try await database.read { connection in
            (
                try MessageText(delivery, connection),
                try NotificationStore.isSuppressed(delivery.userID, connection)
            )
        }
        // The profile travels on another topic and may come later.
        guard let text else { return .later("no profile yet") }
        if isSuppressed { return .cancelled("suppressed") }
        if delivery.template == Template.digest, text.data["count"] == "0" { return .cancelled("read") }
        do {
            try await outbound.send(message(delivery, text), through: server)
        } catch let problem as OutboundError {
            guard !problem.isRetriable else { return .later(problem.description) }
            // 550 to 559 are about who it is for; others, such as a refused log-in, are about us.
            if let status = problem.status, (550...559).contains(status) {
                let now = clock.now
                try await database.write {
                    try NotificationStore.suppress(text.profile, problem.description, at: now, $0)
                }
            }
            return .refused(problem.description)
        }
        return .sent("taken by the mail server")
    }

    private func message(_ delivery: Delivery, _ text: MessageText) -> MailMessage {
        let mail = text.template.renderMail(text.data)
        let domain = sender.address.drop { $0 != "@" }
        let canEnd = Importance(template: delivery.template) != .critical && delivery.template != "account.welcome"
        return MailMessage(
            from: sender,
            to: MailAddress(name: text.profile.name, address: text.profile.email),
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            messageID: "\(delivery.id)\(domain)",
            date: clock.now,
            language: text.profile.locale.rawValue,
            unsubscribe: canEnd ? unsubscribing.url(for: delivery.userID, type: delivery.template) : nil
        )
    }
}
