import Contracts
import FoundationEssentials
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// Payments: asked for by the owner of a lock, reported by providers.
struct PaymentRoutes: Sendable {
    /// A provider's webhook is small.
    static let maximumWebhookSize = 16 << 10
    /// Webhook ids are kept with the ids of events, as long as those: 7 days; providers repeat for 3.
    private static let inboxSource = "payment-webhook"

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let providers: [String: any PaymentProvider]
    let signature: WebhookSignature
    let judge: PaymentJudge
    let calls: DueWork
    let changes: Changes<Booking>

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.post("/v1/bookings/:id/payment", tokens.user(pay))
        router.post("/v1/payments/webhook", webhook)
    }

    /// Stores the attempt and answers 202; the provider is called behind it, and reports by webhook.
    @Sendable private func pay(_ request: Request, _ user: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(
            NewPayment.self,
            from: bytes,
            contentType: request.headerFields[.contentType] ?? ""
        )
        try body.check(providers: providers.keys)
        let options = try JSONText.encode(body.sandbox ?? SandboxProvider.Options())
        let (now, calls, traceparent) = (clock.now, calls, TraceContext.current?.traceparent)
        return try await request.idempotent(
            scope: user.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            let booking = try transaction.connection.ownBooking(id, of: user)
            try booking.checkPayable(at: now, attempts: try transaction.connection.payments(of: id))
            let payment = PaymentAttempt(
                id: "pay_\(Identifier.version7(at: now))",
                bookingID: id,
                provider: body.method,
                state: .initiated,
                amount: booking.amount,
                currency: booking.currency,
                options: options,
                createdAt: now,
                traceparent: traceparent
            )
            try transaction.insert(payment)
            transaction.afterCommit { calls.wake() }
            return try .json(
                PaymentView(payment),
                status: 202,
                headers: [OutboxHeader("Location", text: "/v1/bookings/\(id)")]
            )
        }
    }

    /// Takes a provider's report, each webhook id once. Providers repeat what is not answered with 2xx.
    @Sendable private func webhook(_ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: Self.maximumWebhookSize)
        let now = clock.now
        guard let id = request.headerFields[.webhookID], let timestamp = request.headerFields[.webhookTimestamp],
            let signed = request.headerFields[.webhookSignature],
            signature.isValid(signed, id: id, timestamp: timestamp, body: bytes, now: now)
        else {
            Self.count("invalid_signature")
            throw Problem(.invalidSignature)
        }
        // Not strict: providers add members.
        guard !JSONNesting.isTooDeep(bytes),
            let report = try? JSONDecoder().decode(PaymentReport.self, from: Data(bytes))
        else {
            Self.count("malformed")
            throw Problem(.malformedJSON)
        }
        let (judge, changes, calls) = (judge, changes, calls)
        // A refusal is thrown, so that its id is not kept: the provider may come again with the right report.
        try await database.write { transaction in
            guard try transaction.insertIntoInbox(source: Self.inboxSource, id: id, at: now) else {
                return Self.count("repeated")
            }
            let outcome = try judge.apply(report, in: transaction)
            Self.count(outcome.rawValue)
            switch outcome {
            case .applied, .unchanged: break
            case .unknownPayment: throw Problem(.notFound, "no such payment")
            case .amountMismatch: throw Problem(.amountMismatch)
            }
            transaction.afterCommit {
                changes.announce(report.data.bookingID)
                calls.wake()
            }
        }
        return .noContent
    }

    private static func count(_ outcome: String) {
        MetricRegistry.shared.counter("booking.webhooks", labels: ["outcome": outcome]).increment()
    }
}

extension Booking {
    /// Refuses what cannot be paid for: 410 once the lock has ended, 409 in any other state than `locked` and while an
    /// attempt is under way.
    fileprivate func checkPayable(at now: Timestamp, attempts: [PaymentAttempt]) throws {
        if state == .expired || state == .locked && expiresAt.map({ $0 <= now }) ?? true { throw Problem(.lockExpired) }
        guard state == .locked else { throw Problem(.bookingNotPayable, "the booking is \(state.rawValue)") }
        guard !attempts.contains(where: { $0.state == .initiated }) else {
            throw Problem(.bookingNotPayable, "a payment is under way")
        }
    }
}

/// A payment as its payer sees it.
private struct PaymentView: Encodable {
    let id: String
    let bookingID: Identifier
    let method: String
    let state: String
    let amount: Int64
    let currency: String

    init(_ payment: PaymentAttempt) {
        id = payment.id
        bookingID = payment.bookingID
        method = payment.provider
        state = payment.state.rawValue
        amount = payment.amount
        currency = payment.currency
    }

    enum CodingKeys: String, CodingKey {
        case bookingID = "booking_id"
        case id, method, state, amount, currency
    }
}

/// Compact JSON as text, for stored options and events.
enum JSONText {
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension HTTPField.Name {
    /// Standard Webhooks.
    static var webhookID: Self { Self("webhook-id")! }
    /// Standard Webhooks.
    static var webhookTimestamp: Self { Self("webhook-timestamp")! }
    /// Standard Webhooks.
    static var webhookSignature: Self { Self("webhook-signature")! }
}
