import Mailing
import Outbound
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// What sends, made of the configuration and of keys that are kept in the data folder.
struct Channels: Sendable {
    let queues: DeliveryQueues
    let unsubscribing: UnsubscribeTokens
    let identity: VAPIDIdentity
    /// Seals the secrets of webhooks.
    let secrets: SecretBox
    let rules: EndpointRules

    /// Reads or makes the keys; what is queued is sent as long as the service runs. Blocks.
    init(_ service: ServiceBuilder, _ database: Database, _ settings: NotificationConfiguration) throws {
        let folder = service.configuration.dataDirectory
        let key = try SecretFile.loadOrCreate("\(folder)/notification.key")
        secrets = try SecretBox(key: KeyDerivation.hkdfSHA256(secret: key, info: "secrets of webhooks"))
        unsubscribing = UnsubscribeTokens(
            publicURL: service.configuration.publicURL,
            key: try KeyDerivation.hkdfSHA256(secret: key, info: "unsubscribe")
        )
        identity = VAPIDIdentity(
            key: try P256Key.loadOrCreate("\(folder)/vapid.pem"),
            contact: "mailto:\(settings.mails.sender.address)"
        )
        rules = settings.rules
        let outbound = try OutboundClient()
        service.onStop { outbound.close() }
        let senders = Self.senders(database, outbound, settings, identity, secrets, unsubscribing, service)
        queues = Dictionary(
            uniqueKeysWithValues: senders.map { channel, send in
                let queue = DeliveryQueue(
                    channel: channel,
                    database: database,
                    clock: service.clock,
                    logger: service.logger,
                    send: send
                )
                return (channel, service.whenDue(channel.rawValue, queue.step))
            }
        )
    }

    private static func senders(
        _ database: Database,
        _ outbound: OutboundClient,
        _ settings: NotificationConfiguration,
        _ identity: VAPIDIdentity,
        _ secrets: SecretBox,
        _ unsubscribing: UnsubscribeTokens,
        _ service: ServiceBuilder
    ) -> [(Channel, @Sendable (Delivery) async throws -> DeliveryOutcome)] {
        let (clock, rules) = (service.clock, settings.rules)
        let push = PushChannel(
            database: database,
            outbound: outbound,
            identity: identity,
            rules: rules,
            clock: clock
        )
        let webhooks = WebhookChannel(
            database: database,
            outbound: outbound,
            secrets: secrets,
            rules: rules,
            clock: clock
        )
        var senders: [(Channel, @Sendable (Delivery) async throws -> DeliveryOutcome)] = [
            (.push, push.send), (.webhook, webhooks.send),
        ]
        if let server = settings.mails.server {
            let mails = MailChannel(
                database: database,
                outbound: outbound,
                server: server,
                sender: settings.mails.sender,
                unsubscribing: unsubscribing,
                clock: clock
            )
            senders.append((.email, mails.send))
        } else {
            service.logger.notice("SMTP_URL is not set: no mail is sent")
        }
        if let (url, signature) = settings.texts {
            let texts = SMSChannel(
                database: database,
                outbound: outbound,
                url: url,
                signature: signature,
                clock: clock
            )
            senders.append((.sms, texts.send))
        }
        return senders
    }
}
