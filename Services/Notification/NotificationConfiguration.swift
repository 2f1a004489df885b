import Outbound
import Security
import ServiceKit

/// Notification's own variables.
struct NotificationConfiguration: Sendable {
    /// The mail server, `SMTP_URL`; nil sends no mail.
    let server: SMTPServer?
    /// Who the mails are from, `MAIL_FROM`.
    let sender: MailAddress
    /// Where text messages are handed over, `SMS_URL`, and what signs them, `SMS_SECRET`; nil sends none.
    let texts: (url: String, signature: WebhookSignature)?
    /// Where people may have messages sent; `ALLOW_PRIVATE_ENDPOINTS` opens one's own network.
    let rules: EndpointRules

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
        rules = EndpointRules(allowsPrivate: reader.boolean("ALLOW_PRIVATE_ENDPOINTS", default: false))
        let provider = reader.secret("SMS_URL")
        let signature = reader.secret("SMS_SECRET").flatMap(WebhookSignature.init(secret:))
        texts = provider.flatMap { url in signature.map { (url, $0) } }
        if let provider, !EndpointRules(allowsPrivate: true).isAllowed(provider) {
            reader.report("SMS_URL must be an http or https URL")
        }
        if provider != nil, signature == nil { reader.report("SMS_SECRET must be whsec_<base64> when SMS_URL is set") }
    }
}
