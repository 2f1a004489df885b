public import Outbound
public import ServiceKit

/// How mails leave: `SMTP_URL` and `MAIL_FROM`, the same for every service that sends any.
public struct MailSettings: Sendable {
    /// The mail server, `SMTP_URL`; nil sends no mail.
    public let server: SMTPServer?
    /// Who the mails are from, `MAIL_FROM`.
    public let sender: MailAddress

    /// Reads the variables; wrong values are reported by the reader's `finish`.
    public init(_ reader: inout ConfigurationReader) {
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
