import Contracts
import System

/// An attempt to pay for a booking, or to give the money back.
struct PaymentAttempt: Sendable, Equatable {
    /// How far it has come.
    enum State: String, Sendable {
        case initiated, succeeded, failed
        case refundPending = "refund_pending"
        case refunded
    }

    /// The id that provider and Booking share.
    let id: String
    let bookingID: Identifier
    let provider: String
    var state: State
    var verdict: PaymentVerdict?
    let amount: Int64
    let currency: String
    /// What the payer chose, for the provider to read: JSON.
    let options: String
    let createdAt: Timestamp
}

/// A call to a provider that must be made at least once; `idempotencyKey` lets the provider drop repeats.
struct ProviderCall: Sendable, Equatable {
    /// What is asked of the provider.
    enum Kind: String, Sendable {
        case charge, refund
    }

    let id: Int64
    let payment: PaymentAttempt
    let kind: Kind
    let attempts: Int

    var idempotencyKey: String { "\(payment.id):\(kind.rawValue)" }
}

/// Somebody who moves money. Answers come later, by signed webhook, any number of times and in any order.
protocol PaymentProvider: Sendable {
    /// The provider's name in the API.
    var name: String { get }
    /// Hands a call over; returns once the provider has it for sure. Throws when that is not known: the call is repeated.
    func submit(_ call: ProviderCall) async throws
}

/// What a provider says in a webhook.
struct PaymentReport: Codable, Sendable, Equatable {
    /// What happened.
    struct Details: Codable, Sendable, Equatable {
        let paymentID: String
        let bookingID: Identifier
        let amount: Int64
        let currency: String
        let reason: String?

        enum CodingKeys: String, CodingKey {
            case paymentID = "payment_id"
            case bookingID = "booking_id"
            case amount, currency, reason
        }
    }

    /// `payment.processing`, `payment.succeeded`, `payment.failed` or `payment.refunded`.
    let type: String
    let data: Details
}
