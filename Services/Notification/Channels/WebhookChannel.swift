import FoundationEssentials
import Outbound
import Persistence
import Security
import System

/// Webhooks of people's own, signed by Standard Webhooks. What they lead to is judged at every connection.
struct WebhookChannel: Sendable {
    private static let deadlineMilliseconds = 5000

    let database: Database
    let outbound: OutboundClient
    let secrets: SecretBox
    let rules: EndpointRules
    let clock: WallClock

    private struct Payload: Encodable {
        struct Content: Encodable {
            let id: Identifier
            let message: String
            let data: [String: String]
        }
        let type: String
        let timestamp: Timestamp
        let data: Content
    }

    @Sendable func send(_ delivery: Delivery) async throws -> DeliveryOutcome {
        guard let endpoint = delivery.endpointID else { return .refused("no webhook") }
        let (text, webhook) = try await database.read { connection in
            (
                try MessageText(delivery, connection),
                try NotificationStore.webhook(endpoint, of: delivery.userID, connection)
            )
        }
        guard let webhook else { return .cancelled("the webhook is gone") }
        guard let text else { return .later("no profile yet") }
        let content = Payload.Content(id: delivery.notificationID, message: text.body, data: delivery.data)
        let payload = Payload(type: delivery.template, timestamp: clock.now, data: content)
        let key = try secrets.open(webhook.sealedSecret, context: webhook.id.bytes)
        let request = OutboundRequest.signed(
            to: webhook.url,
            id: delivery.id,
            try payload.bytes(),
            by: WebhookSignature(key: key),
            at: clock.now,
            deadlineMilliseconds: Self.deadlineMilliseconds,
            publicOnly: !rules.allowsPrivate
        )
        do {
            let answer = try await outbound.send(request)
            // Receivers repair themselves: all but "gone" is tried again.
            guard case .refused(let said) = DeliveryOutcome(answer, goneStatuses: [410]) else {
                return DeliveryOutcome(answer, goneStatuses: [410])
            }
            return .later(said)
        } catch let problem as OutboundError {
            return problem.isRetriable ? .later(problem.description) : .refused(problem.description)
        }
    }
}

extension Encodable {
    /// As JSON, keys sorted.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }
}

extension OutboundRequest {
    /// A POST of JSON with the fields of Standard Webhooks.
    static func signed(
        to url: String,
        id: Identifier,
        _ body: [UInt8],
        by signature: WebhookSignature,
        at now: Timestamp,
        deadlineMilliseconds: Int,
        publicOnly: Bool
    ) -> OutboundRequest {
        let seconds = now.milliseconds / 1000
        return OutboundRequest(
            "POST",
            url,
            headers: [
                ("Content-Type", "application/json"), ("webhook-id", "\(id)"), ("webhook-timestamp", "\(seconds)"),
                ("webhook-signature", signature.sign(id: "\(id)", timestamp: seconds, body: body)),
            ],
            body: .bytes(body),
            deadlineMilliseconds: deadlineMilliseconds,
            maximumResponseBytes: 1 << 16,
            publicOnly: publicOnly
        )
    }
}
