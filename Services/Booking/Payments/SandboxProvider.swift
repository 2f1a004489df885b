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
        /// How a capture ends.
        var captureOutcome = Outcome.succeed
        /// The money is taken at once instead of reserved.
        var capturesAtOnce = false
        /// How long the provider takes to answer the first call.
        var delayMilliseconds: Int64 = 0
        /// How often each report is sent, under one id.
        var copies = 1
        /// The report of the end comes before that of the beginning.
        var reordered = false
        /// The answer to the call gets lost: Booking must call again and be charged once.
        var losesAnswer = false

        enum CodingKeys: String, CodingKey {
            case outcome
            case captureOutcome = "capture_outcome"
            case capturesAtOnce = "captures_at_once"
            case delayMilliseconds = "delay_ms"
            case copies, reordered
            case losesAnswer = "loses_answer"
        }

        init() {}

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            outcome = try values.decodeIfPresent(Outcome.self, forKey: .outcome) ?? .succeed
            captureOutcome = try values.decodeIfPresent(Outcome.self, forKey: .captureOutcome) ?? .succeed
            capturesAtOnce = try values.decodeIfPresent(Bool.self, forKey: .capturesAtOnce) ?? false
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
        let isFirst = call.kind == .authorize
        let end = now.adding(milliseconds: isFirst ? options.delayMilliseconds : 0)
        var timeline = [(kind: outcome(of: call.kind, options), dueAt: end)]
        if isFirst {
            timeline.insert((.processing, options.reordered ? end.adding(milliseconds: 1) : now), at: 0)
        }
        return try timeline.flatMap { kind, dueAt in
            let hasFailed = kind == .failed || kind == .captureFailed
            let report = PaymentReport(kind, of: call.payment, reason: hasFailed ? "card_declined" : nil)
            let body = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
            let webhookID = "\(call.idempotencyKey):\(kind.rawValue)"
            return repeatElement(SandboxReport(webhookID: webhookID, body: body, dueAt: dueAt), count: options.copies)
        }
    }

    private static func outcome(of call: ProviderCall.Kind, _ options: Options) -> PaymentReport.Kind {
        switch call {
        case .authorize where options.outcome == .fail: .failed
        case .authorize: options.capturesAtOnce ? .succeeded : .authorized
        case .capture: options.captureOutcome == .fail ? .captureFailed : .succeeded
        case .void: .voided
        case .refund: .refunded
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
