import Mailing
import Security
import ServiceKit

/// Notification's own variables.
struct NotificationConfiguration: Sendable {
    /// How mails leave.
    let mails: MailSettings
    /// Where text messages are handed over, `SMS_URL`, and what signs them, `SMS_SECRET`; nil sends none.
    let texts: (url: String, signature: WebhookSignature)?
    /// Where people may have messages sent; `ALLOW_PRIVATE_ENDPOINTS` opens one's own network.
    let rules: EndpointRules

    init(_ reader: inout ConfigurationReader) {
        mails = MailSettings(&reader)
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
