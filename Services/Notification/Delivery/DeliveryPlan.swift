import EventBus
import System

/// Why a notification was told as it was: kept with it for who asks (`explain`).
struct DeliveryPlan: Codable, Sendable, Equatable {
    /// The event that caused it.
    struct Cause: Codable, Sendable, Equatable {
        let id: Identifier
        let type: String
        let source: String
    }

    /// What was decided about a channel.
    struct Decision: Codable, Sendable, Equatable {
        let channel: Channel
        let decision: Verdict
        /// The rule of preferences that decided.
        var rule: String?
        /// Until when it is held back.
        var until: Timestamp?
    }

    enum Verdict: String, Codable, Sendable {
        /// In the inbox.
        case told
        /// To be sent at once.
        case queued
        /// Held back until quiet hours end.
        case quietHours = "quiet_hours"
        /// Held back for a moment: the person is looking at the inbox.
        case online
        /// Part of a digest.
        case digest
        /// Not wanted.
        case off
        /// Too many of late.
        case capped
        /// The address has been refused for good.
        case suppressed
        /// There is no subscription, webhook or number.
        case noAddress = "no_address"
        /// The operator has no such channel.
        case notConfigured = "not_configured"
    }

    var cause: Cause?
    var decisions: [Decision] = []

    init(cause event: Event?) {
        cause = event.map { Cause(id: $0.id, type: $0.type, source: $0.source) }
    }
}
