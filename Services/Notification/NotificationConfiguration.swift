import Outbound
import ServiceKit

/// Notification's own variables.
struct NotificationConfiguration: Sendable {
    /// The mail server, `SMTP_URL`; nil sends no mail.
    let server: SMTPServer?
    /// Who the mails are from, `MAIL_FROM`.
    let sender: MailAddress

    init(_ reader: inout ConfigurationReader) {
        let url = reader.secret("SMTP_URL")
        server = url.flatMap(SMTPServer.init)
        if url != nil, server == nil {
            reader.report("SMTP_URL must be smtp://[user:password@]host[:port] or smtps://…")
        }
        sender = MailAddress(
            name: "Marquee",
            address: reader.string("MAIL_FROM", default: "no-reply@marquee.localhost")
        )
    }
}
