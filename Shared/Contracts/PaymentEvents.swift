public import EventBus
public import System

/// What a payment provider reported about a booking, and Booking's verdict on its timing (`payment-events`).
public struct Payment<Name: EventName>: EventPayload {
    /// See ``EventPayload/type``.
    public static var type: String { Name.type }
    /// See ``EventPayload/topic``.
    public static var topic: Topic { .paymentEvents }
    /// See ``EventPayload/source``.
    public static var source: String { "/booking" }

    /// The booking that was paid for.
    public var bookingID: Identifier
    /// Its showtime.
    public var showtimeID: Identifier
    /// Who paid.
    public var userID: Identifier
    /// The provider's id of the payment.
    public var paymentID: String
    /// `success`, `failed` or `refunded`.
    public var status: String
    /// Whether the payment's transaction found the lock still valid; a replay never reads a clock.
    public var verdict: PaymentVerdict
    /// Minor units of `currency`.
    public var amount: Int64
    /// ISO 4217.
    public var currency: String
    /// When the provider's report was judged.
    public var timestamp: Timestamp
    /// The provider's reason for a failure, or ours for a refund.
    public var reason: String?

    /// Makes a report.
    public init(
        bookingID: Identifier,
        showtimeID: Identifier,
        userID: Identifier,
        paymentID: String,
        verdict: PaymentVerdict,
        amount: Int64,
        currency: String,
        timestamp: Timestamp,
        reason: String? = nil
    ) {
        self.bookingID = bookingID
        self.showtimeID = showtimeID
        self.userID = userID
        self.paymentID = paymentID
        self.status =
            Name.type == PaymentName.Succeeded.type ? "success" : String(Name.type.dropFirst("payment.".count))
        self.verdict = verdict
        self.amount = amount
        self.currency = currency
        self.timestamp = timestamp
        self.reason = reason
    }

    /// See ``EventPayload/key``.
    public var key: String { showtimeID.description }

    enum CodingKeys: String, CodingKey {
        case bookingID = "booking_id"
        case showtimeID = "showtime_id"
        case userID = "user_id"
        case paymentID = "payment_id"
        case status, verdict, amount, currency, timestamp, reason
    }
}

/// How a payment stood to its lock when Booking judged it.
public enum PaymentVerdict: String, Codable, Sendable {
    /// The lock was valid: the seats are the payer's.
    case inTime = "in_time"
    /// The lock had ended: the money goes back.
    case late
}

/// Names of payment reports.
public enum PaymentName {
    /// `payment.succeeded`.
    public enum Succeeded: EventName {
        /// See ``EventName/type``.
        public static let type = "payment.succeeded"
    }
    /// `payment.failed`.
    public enum Failed: EventName {
        /// See ``EventName/type``.
        public static let type = "payment.failed"
    }
    /// `payment.refunded`.
    public enum Refunded: EventName {
        /// See ``EventName/type``.
        public static let type = "payment.refunded"
    }
}

/// The provider has the money, reserved or taken; the seats are the payer's when the verdict is `in_time`.
public typealias PaymentSucceeded = Payment<PaymentName.Succeeded>
/// The provider refused.
public typealias PaymentFailed = Payment<PaymentName.Failed>
/// The money went back: it was refunded, or released when it was only reserved.
public typealias PaymentRefunded = Payment<PaymentName.Refunded>
