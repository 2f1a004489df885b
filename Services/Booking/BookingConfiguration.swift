import Security
import ServiceKit

/// What Booking reads from its environment and its data folder.
struct BookingConfiguration: Sendable {
    /// How long seats are held and how many one person may have.
    let rules: SeatDecision.Rules
    /// How often counts are reported, in seconds.
    let countsSeconds: Int
    /// Where the sandbox delivers its webhooks: this service itself unless `PAYMENT_WEBHOOK_URL` says otherwise.
    let webhookURL: String
    /// What webhooks are signed with; made at first start.
    let webhookSecret: [UInt8]
    /// What tickets are signed with, and nothing else; made at first start.
    let ticketKey: SigningKey

    init(_ service: ServiceBuilder) throws {
        let common = service.configuration
        rules = SeatDecision.Rules(
            lockSeconds: Int64(service.reader.integer("SEAT_LOCK_SECONDS", default: 300, in: 1...86_400)),
            maximumSeatsPerUser: service.reader.integer("MAX_SEATS_PER_USER", default: 8, in: 1...100)
        )
        countsSeconds = service.reader.integer("TICKET_COUNTS_SECONDS", default: 60, in: 1...3600)
        webhookURL = service.reader.url(
            "PAYMENT_WEBHOOK_URL",
            default: "http://127.0.0.1:\(common.port)/v1/payments/webhook"
        )
        webhookSecret = try SecretFile.loadOrCreate(common.dataDirectory + "/webhook.secret")
        ticketKey = try SigningKey.loadOrCreate(common.dataDirectory + "/ticket-key.pem")
    }
}
