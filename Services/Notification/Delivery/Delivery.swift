import EventBus
import System

/// One message to one place: tried until it is taken, refused for good, or no longer wanted.
struct Delivery: Sendable, Equatable {
    /// The limit of tries; the last is about eight hours after the first.
    static let maximumAttempts = 12
    /// For how long a delivery is kept once it has ended, and with it what is known of its tries.
    static let retentionSeconds: Int64 = 30 * 24 * 3600
    private static let firstRetrySeconds: Int64 = 1
    private static let longestRetrySeconds: Int64 = 4 * 3600

    /// Derived from the notification, the channel and the place. Receivers drop repeats by it: it is the mail's Message-ID
    /// and the webhook's id.
    var id: Identifier
    var notificationID: Identifier
    var userID: Identifier
    var channel: Channel
    /// The push subscription or webhook; nil for mail and text messages.
    var endpointID: Identifier?
    var template: String
    var data: [String: String]
    var actorID: Identifier?
    /// Whether the inbox has it too: read there, it is not sent any more.
    var hasEntry = false
    /// Tries so far.
    var attempts = 0

    /// A new delivery of a notice.
    init(_ notice: Notice, on channel: Channel, to endpoint: Identifier? = nil, hasEntry: Bool) {
        let place = endpoint.map { "/\($0)" } ?? ""
        id = .derived(source: "/notification/\(channel.rawValue)\(place)", cause: notice.id, index: 0)
        notificationID = notice.id
        userID = notice.userID
        self.channel = channel
        endpointID = endpoint
        template = notice.type
        data = notice.data
        actorID = notice.actorID
        self.hasEntry = hasEntry
    }

    /// When to try again after one more failure; nil when it was the last.
    func retry(after now: Timestamp) -> Timestamp? {
        guard attempts + 1 < Self.maximumAttempts else { return nil }
        let doubled = Self.firstRetrySeconds << Int64(min(attempts, 12) * 3 / 2)
        return now.adding(seconds: min(doubled, Self.longestRetrySeconds))
    }
}

/// How a try ended.
enum DeliveryOutcome: Sendable, Equatable {
    /// Taken.
    case sent(String)
    /// Not now; tried again, not before so many seconds when the receiver said so.
    case later(String, afterSeconds: Int64? = nil)
    /// Refused for good.
    case refused(String)
    /// Nobody is there any more: refused, and the place is forgotten.
    case gone(String)
    /// No longer wanted.
    case cancelled(String)
}
