import HTTPCore
import Persistence
import Security
import ServiceKit
import System
import Telemetry

/// Delivers the sandbox's webhooks, signed, until Booking takes them.
struct SandboxDelivery: Sendable {
    /// Webhooks sent in one step.
    static let batch = 32
    /// Tries before a webhook is given up, as real providers do after days.
    static let maximumAttempts = 50
    /// The longest pause between two tries.
    static let maximumBackOffMilliseconds: Int64 = 30_000

    /// Posts a body with header fields to Booking's webhook route and returns the status of the answer.
    typealias Post = @Sendable (_ fields: HTTPFields, _ body: [UInt8]) async throws -> Int

    /// Posts to an address within 5 s.
    static func posting(to url: String, by client: InternalClient) -> Post {
        { fields, body in try await client.send(.post, url, fields, body, within: .seconds(5)).head.status.code }
    }

    let database: Database
    let signature: WebhookSignature
    let logger: Logger
    let post: Post

    /// Sends what is due and says when the next webhook is.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let (due, next) = try await database.read { try $0.dueSandboxReports(at: now, limit: Self.batch) }
        for report in due {
            let isTaken = await deliver(report, at: now)
            let isGivenUp = !isTaken && report.attempts + 1 >= Self.maximumAttempts
            if isGivenUp { logger.error("webhook given up", metadata: ["webhook": "\(report.webhookID)"]) }
            let pause = backOff(attempts: report.attempts, maximum: Self.maximumBackOffMilliseconds)
            try await database.write { transaction in
                if isTaken || isGivenUp {
                    try transaction.finish(report)
                } else {
                    try transaction.postpone(report, until: now.adding(milliseconds: pause))
                }
            }
        }
        return due.isEmpty ? next : now
    }

    private func deliver(_ report: SandboxReport, at now: Timestamp) async -> Bool {
        let body = Array(report.body.utf8)
        let seconds = now.milliseconds / 1000
        let fields: HTTPFields = [
            .contentType: "application/json",
            .webhookID: report.webhookID,
            .webhookTimestamp: String(seconds),
            .webhookSignature: signature.sign(id: report.webhookID, timestamp: seconds, body: body),
        ]
        do {
            let status = try await post(fields, body)
            if !(200..<300).contains(status) {
                logger.warning("webhook refused", metadata: ["webhook": "\(report.webhookID)", "status": "\(status)"])
            }
            return (200..<300).contains(status)
        } catch {
            logger.warning("webhook", metadata: ["webhook": "\(report.webhookID)", "error": "\(error)"])
            return false
        }
    }
}
