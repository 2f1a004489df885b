public import EventBus

/// Every topic of Marquee with its settings; ARCHITECTURE.md and asyncapi.yaml say who writes and who reads it.
extension Topic {
    /// Accounts: key user id, by User; `user.erased` receipts by every service.
    public static let userEvents = Topic("user-events")
    /// The whole current profile of each user; the only topic with e-mail addresses or names.
    public static let userProfiles = Topic("user-profiles", retention: .compacted)
    /// Log-ins, sessions and revocations: key user id, by Auth.
    public static let authEvents = Topic("auth-events")
    /// Policies such as rate limits: key policy name, by Gateway.
    public static let policyEvents = Topic("policy-events", partitions: 1, retention: .compacted)
    /// What admins looked at and did beside the services' own records: key the admin's user id, by Gateway.
    public static let auditEvents = Topic("audit-events")
    /// Requests for seats: key showtime id, by Booking; the partition is the queue and the lock.
    public static let ticketRequests = Topic("ticket-requests")
    /// The complete ledger of a showtime's seats in decision order: key showtime id, by Booking.
    public static let seatLocked = Topic("seat-locked")
    /// What payment providers reported, with Booking's verdict: key showtime id, by Booking.
    public static let paymentEvents = Topic("payment-events")
    /// Tickets booked, cancelled, expired and checked in: key showtime id, by Booking.
    public static let ticketEvents = Topic("ticket-events")
    /// What people are to be told: key user id, by any service.
    public static let notifications = Topic("notifications")
    /// What became of notifications: key user id, by Notification.
    public static let notificationDeliveries = Topic(
        "notification-deliveries",
        retention: .limited(milliseconds: 7 * Topic.day)
    )
    /// What happened to media items, and the jobs of media workers: key media id, by Media.
    public static let mediaEvents = Topic("media-events")
    /// What became of media jobs: key media id, by MediaWorker.
    public static let mediaResults = Topic("media-results")
    /// What happened to comments: key the id of what is commented on, by Comment.
    public static let commentEvents = Topic("comment-events")
    /// What happens to batches of uploads, and the jobs of their workers: key batch id, by BatchUpload.
    public static let batchEvents = Topic("batch-events")
    /// Who likes what: key target's id, by Like.
    public static let likeEvents = Topic("like-events")
    /// What happens in rooms, in the order that decides it: key room id, by Chat, which writes here first.
    public static let chatMessages = Topic("chat-messages", isLogFirst: true)
    /// Who is there: key user id, by Chat; lossy.
    public static let presenceEvents = Topic("presence-events", retention: .limited(milliseconds: Topic.hour))
    /// Every request the gateway answered: key request id, by Gateway; lossy and bounded.
    public static let gatewayRequests = Topic(
        "gateway-requests",
        retention: .limited(milliseconds: 7 * Topic.day, bytesPerPartition: 256 << 20)
    )
    /// Spans of requests and consumers: key trace id; lossy.
    public static let traceSpans = Topic("trace-spans", retention: .limited(milliseconds: Topic.day))

    /// Every topic above: made by whichever service starts first.
    public static let all: [Topic] = [
        userEvents, userProfiles, authEvents, policyEvents, auditEvents, ticketRequests, seatLocked, paymentEvents,
        ticketEvents, notifications, notificationDeliveries, mediaEvents, mediaResults, commentEvents, batchEvents,
        likeEvents, chatMessages, presenceEvents, gatewayRequests, traceSpans,
    ]
}
