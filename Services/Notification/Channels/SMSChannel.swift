import Outbound
import Persistence
import Security
import System

/// Text messages, through a provider's HTTP gateway: a POST of `{"id","to","text"}`, signed by Standard Webhooks.
struct SMSChannel: Sendable {
    private static let deadlineMilliseconds = 10_000

    let database: Database
    let outbound: OutboundClient
    /// The provider's address, the operator's choice.
    let url: String
    let signature: WebhookSignature
    let clock: WallClock

    private struct Payload: Encodable {
        let id: Identifier
        let to: String
        let text: String
    }

    @Sendable func send(_ delivery: Delivery) async throws -> DeliveryOutcome {
        let (text, number) = try await database.read { connection in
            (try MessageText(delivery, connection), try NotificationStore.phone(of: delivery.userID, connection))
        }
        guard let number else { return .cancelled("the number is gone") }
        guard let text else { return .later("no profile yet") }
        let request = OutboundRequest.signed(
            to: url,
            id: delivery.id,
            try Payload(id: delivery.id, to: number, text: text.body).bytes(),
            by: signature,
            at: clock.now,
            deadlineMilliseconds: Self.deadlineMilliseconds,
            publicOnly: false
        )
        do {
            return DeliveryOutcome(try await outbound.send(request), goneStatuses: [])
        } catch let problem as OutboundError {
            return problem.isRetriable ? .later(problem.description) : .refused(problem.description)
        }
    }
}
