import Outbound
import Persistence
import Security
import System

/// Web Push: messages to browsers through their makers' push services, which cannot read them.
struct PushChannel: Sendable {
    /// How long a push service keeps a message for a browser that is away, in seconds.
    static let timeToLive = 24 * 3600
    private static let deadlineMilliseconds = 10_000

    let database: Database
    let outbound: OutboundClient
    let identity: VAPIDIdentity
    let rules: EndpointRules
    let clock: WallClock

    private struct Payload: Encodable {
        let id: Identifier
        let type: String
        let title: String
        let body: String
        let data: [String: String]
    }

    @Sendable func send(_ delivery: Delivery) async throws -> DeliveryOutcome {
        guard let endpoint = delivery.endpointID else { return .refused("no subscription") }
        let (text, subscription) = try await database.read { connection in
            (
                try MessageText(delivery, connection),
                try NotificationStore.subscription(endpoint, of: delivery.userID, connection)
            )
        }
        guard let subscription else { return .cancelled("the subscription is gone") }
        guard let text else { return .later("no profile yet") }
        let payload = Payload(
            id: delivery.notificationID,
            type: delivery.template,
            title: text.title,
            body: text.body,
            data: delivery.data
        )
        let message = try PushEncryption.seal(payload.bytes(), for: subscription)
        return try await post(message, delivery, subscription)
    }

    private func post(
        _ message: [UInt8],
        _ delivery: Delivery,
        _ subscription: PushSubscription
    ) async throws -> DeliveryOutcome {
        let isUrgent = Importance(template: delivery.template) == .critical
        let request = OutboundRequest(
            "POST",
            subscription.endpoint,
            headers: [
                ("Content-Type", "application/octet-stream"), ("Content-Encoding", "aes128gcm"),
                ("TTL", String(Self.timeToLive)), ("Urgency", isUrgent ? "high" : "normal"),
                // A later message about the same takes the place of one that has not been fetched.
                ("Topic", Base64.encodeURLSafe(delivery.notificationID.bytes)),
                ("Authorization", try identity.authorization(for: subscription.endpoint, at: clock.now)),
            ],
            body: .bytes(message),
            deadlineMilliseconds: Self.deadlineMilliseconds,
            maximumResponseBytes: 1 << 16,
            publicOnly: !rules.allowsPrivate
        )
        do {
            let answer = try await outbound.send(request)
            return DeliveryOutcome(answer, goneStatuses: [404, 410])
        } catch let problem as OutboundError {
            return problem.isRetriable ? .later(problem.description) : .refused(problem.description)
        }
    }
}

extension DeliveryOutcome {
    /// What an HTTP answer says about a message.
    init(_ answer: OutboundResponse, goneStatuses: Set<Int>) {
        let said = "HTTP \(answer.status)"
        switch answer.status {
        case 200..<300: self = .sent(said)
        case let status where goneStatuses.contains(status): self = .gone(said)
        case 408, 425, 429, 500..<600:
            self = .later(said, afterSeconds: answer.header("Retry-After").flatMap { Int64($0) })
        default: self = .refused(said)
        }
    }
}
