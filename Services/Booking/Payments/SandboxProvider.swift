import FoundationEssentials
import Persistence
import System

/// The built-in payment provider: takes any charge and reports by signed webhook, as misbehaved as the payer asks. Its
/// memory is durable, so a crash of the process loses no report.
struct SandboxProvider: PaymentProvider {
    /// How the payer has the provider behave.
    struct Options: Codable, Sendable, Equatable {
        /// Whether the money moves.
        enum Outcome: String, Codable, Sendable {
            case succeed, fail
        }

        /// Limits of what may be asked.
        static let maximumDelayMilliseconds: Int64 = 600_000
        static let maximumCopies = 5

        var outcome = Outcome.succeed
        /// How long the provider takes to charge.
        var delayMilliseconds: Int64 = 0
        /// How often each report is sent, under one id.
        var copies = 1
        /// The report of the end comes before that of the beginning.
        var reordered = false
        /// The answer to the call gets lost: Booking must call again and be charged once.
        var losesAnswer = false

        enum CodingKeys: String, CodingKey {
            case outcome
            case delayMilliseconds = "delay_ms"
            case copies, reordered
            case losesAnswer = "loses_answer"
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            outcome = try values.decodeIfPresent(Outcome.self, forKey: .outcome) ?? .succeed
            delayMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .delayMilliseconds) ?? 0
            copies = try values.decodeIfPresent(Int.self, forKey: .copies) ?? 1
            reordered = try values.decodeIfPresent(Bool.self, forKey: .reordered) ?? false
            losesAnswer = try values.decodeIfPresent(Bool.self, forKey: .losesAnswer) ?? false
        }
    }

    /// The answer of a call got lost.
    struct AnswerLost: Error {}

    let name = "sandbox"
    let database: Database
    let clock: WallClock

    func submit(_ call: ProviderCall) async throws {
        let now = clock.now
        let options = try JSONDecoder().decode(Options.self, from: Data(call.payment.options.utf8))
        let reports = try Self.reports(on: call, options, now: now)
        let isNew = try await database.write { transaction in
            try transaction.acceptSandboxRequest(call.idempotencyKey, reports: reports)
        }
        if isNew && options.losesAnswer { throw AnswerLost() }
    }

    /// What the provider will say, and when.
    static func reports(on call: ProviderCall, _ options: Options, now: Timestamp) throws -> [SandboxReport] {
        let end = now.adding(milliseconds: call.kind == .charge ? options.delayMilliseconds : 0)
        let last =
            switch call.kind {
            case .refund: "payment.refunded"
            case .charge: options.outcome == .succeed ? "payment.succeeded" : "payment.failed"
            }
        var timeline = [(type: last, dueAt: end)]
        if call.kind == .charge {
            timeline.insert(("payment.processing", options.reordered ? end.adding(milliseconds: 1) : now), at: 0)
        }
        return try timeline.flatMap { type, dueAt in
            let report = PaymentReport(
                type: type,
                data: PaymentReport.Details(
                    paymentID: call.payment.id,
                    bookingID: call.payment.bookingID,
                    amount: call.payment.amount,
                    currency: call.payment.currency,
                    reason: type == "payment.failed" ? "card_declined" : nil
                )
            )
            let body = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
            let webhookID = "\(call.idempotencyKey):\(type)"
            return repeatElement(SandboxReport(webhookID: webhookID, body: body, dueAt: dueAt), count: options.copies)
        }
    }
}

/// A webhook that the sandbox has still to deliver.
struct SandboxReport: Sendable, Equatable {
    var id: Int64 = 0
    let webhookID: String
    let body: String
    var attempts = 0
    let dueAt: Timestamp
}
