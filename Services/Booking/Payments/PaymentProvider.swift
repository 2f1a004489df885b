import Contracts
import System

/// An attempt to pay for a booking. Money is reserved first and taken once the seats are sold.
///
/// ```
/// initiated ─ authorized ─> authorized ─ seats sold ─> capturing ─ succeeded ─> captured ─> refund_pending ─> refunded
///     │                         └─ late ─> void_pending ─> voided                  ^
///     ├─ failed                                  └── captured all the same ────────┤ (goes back at once)
///     └─ taken at once ────────────────────────────────────────────────────────────┘
/// ```
struct PaymentAttempt: Sendable, Equatable {
    /// How far it has come.
    enum State: String, Sendable {
        case initiated, authorized, capturing, captured, failed
        case voidPending = "void_pending"
        case voided
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
    /// The trace of the call that began it, which the provider's reports go on with.
    var traceparent: String?

    /// How the money goes back: released while it is only reserved, refunded once it is taken. Nil when it never was the
    /// cinema's, is on its way already, or is being taken (its capture is then answered by a refund).
    var wayBack: (call: ProviderCall.Kind, state: State)? {
        switch state {
        case .authorized: (.void, .voidPending)
        case .captured: (.refund, .refundPending)
        default: nil
        }
    }

    /// Whether the money is reserved or taken for the booking.
    var isGood: Bool { state == .authorized || state == .capturing || state == .captured }
}

/// A call to a provider that must be made at least once; `idempotencyKey` lets the provider drop repeats.
struct ProviderCall: Sendable, Equatable {
    /// What is asked of the provider.
    enum Kind: String, Sendable {
        /// Reserve the money.
        case authorize
        /// Take what is reserved.
        case capture
        /// Release what is reserved.
        case void
        /// Give back what was taken.
        case refund
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

    /// One of ``Kind``, or what a later version of the provider says.
    let type: String
    let data: Details
}

extension PaymentReport {
    /// What providers report.
    enum Kind: String, Sendable {
        case processing = "payment.processing"
        /// The money is reserved.
        case authorized = "payment.authorized"
        /// The money was taken: after a capture, or at once by a provider that reserves nothing.
        case succeeded = "payment.succeeded"
        /// Nothing was reserved.
        case failed = "payment.failed"
        /// What was reserved could not be taken.
        case captureFailed = "payment.capture_failed"
        case voided = "payment.voided"
        case refunded = "payment.refunded"
    }

    init(_ kind: Kind, of payment: PaymentAttempt, reason: String? = nil) {
        type = kind.rawValue
        data = Details(
            paymentID: payment.id,
            bookingID: payment.bookingID,
            amount: payment.amount,
            currency: payment.currency,
            reason: reason
        )
    }
}
