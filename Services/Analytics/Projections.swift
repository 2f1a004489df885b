import Contracts
import EventBus
import Persistence
import Security
import System

/// What events of a type add to the metrics. A new type is a line in `byType`; every other is counted in `events` alone.
enum Projections {
    /// Adds one event.
    typealias Projection =
        @Sendable (EventConsumer.Delivery, _ generation: Int64, inout Tally, borrowing Transaction) throws -> Void

    static let byType: [String: Projection] = [
        TicketRequested.type: requested,
        TicketBooked.type: booked,
        TicketCancelled.type: cancelled,
        TicketExpired.type: expired,
        TicketCheckedIn.type: checkedIn,
        TicketCountsReported.type: ticketCounts,
        SeatLocked.type: locked,
        SeatRejected.type: rejected,
        PaymentSucceeded.type: payment(PaymentSucceeded.self),
        PaymentFailed.type: payment(PaymentFailed.self),
        PaymentRefunded.type: payment(PaymentRefunded.self),
        UserRegistered.type: count(.registrations),
        LoginSucceeded.type: count(.logins),
        LoginFailed.type: failedLogin,
        LikeAdded.type: liked,
        LikeRemoved.type: unliked,
        LikeCountsReported.type: likeCounts,
        CommentAdded.type: commented,
        CommentDeleted.type: uncommented,
        "chat.message-sent": { delivery, _, tally, _ in
            tally.add(1, to: .messagesSent, at: delivery.event.time, (.room, delivery.event.key))
        },
        MediaUploaded.type: uploaded,
        MediaProcessed.type: processed,
        MediaFailed.type: mediaFailed,
        NotificationRequested.type: notificationRequested,
        NotificationDelivered.type: delivery(NotificationDelivered.self, .notificationsDelivered),
        NotificationFailed.type: delivery(NotificationFailed.self, .notificationsFailed),
        BatchCompleted.type: count(.batches),
        GatewayRequest.type: request,
    ]

    /// Counts events without looking into them.
    private static func count(_ metric: Metric) -> Projection {
        { delivery, _, tally, _ in tally.add(1, to: metric, at: delivery.event.time) }
    }

    /// The id under which something stands until it is taken back: hashed, since people's ids are in it.
    static func standingID(_ kind: String, _ ids: Identifier...) -> [UInt8] {
        let text = ids.reduce(into: kind) { $0 += "\n\($1)" }
        return Array(HashFunction.sha256.digest(text).prefix(16))
    }

    private static let failedLogin: Projection = { delivery, _, tally, _ in
        let failed: LoginFailed = try delivery.event.decode()
        tally.add(1, to: .failedLogins, at: delivery.event.time, (.reason, failed.reason))
    }

    // MARK: Media

    private static let uploaded: Projection = { delivery, generation, tally, transaction in
        let event = delivery.event
        let media: MediaUploaded = try event.decode()
        tally.add(1, to: .mediaUploaded, at: event.time, (.contentType, media.contentType))
        let id = standingID("media", media.mediaID)
        try transaction.keep(Standing(time: event.time), as: id, generation)
    }

    private static let processed: Projection = { delivery, generation, tally, transaction in
        let media: MediaProcessed = try delivery.event.decode()
        guard let begun = try transaction.take(standingID("media", media.mediaID), generation) else { return }
        let milliseconds = delivery.event.time.milliseconds - begun.time.milliseconds
        tally.record(milliseconds * 1000, in: .mediaProcessing, at: delivery.event.time)
    }

    private static let mediaFailed: Projection = { delivery, generation, tally, transaction in
        let media: MediaFailed = try delivery.event.decode()
        tally.add(1, to: .mediaFailed, at: delivery.event.time, (.reason, media.reason.rawValue))
        _ = try transaction.take(standingID("media", media.mediaID), generation)
    }

    // MARK: Notifications

    private static let notificationRequested: Projection = { delivery, _, tally, _ in
        let asked: NotificationRequested = try delivery.event.decode()
        tally.add(1, to: .notificationsRequested, at: delivery.event.time, (.template, asked.template))
    }

    private static func delivery<Name>(_ type: NotificationOutcome<Name>.Type, _ metric: Metric) -> Projection {
        { delivery, _, tally, _ in
            let outcome = try delivery.event.decode(type)
            tally.add(
                1,
                to: metric,
                at: delivery.event.time,
                (.channel, outcome.channel),
                (.template, outcome.template)
            )
        }
    }

    // MARK: Requests

    /// Anybody can make methods up: others count together, under OpenTelemetry's name for them.
    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    private static let otherMethod = "_OTHER"

    private static let request: Projection = { delivery, _, tally, _ in
        let request: GatewayRequest = try delivery.event.decode()
        let time = request.timestamp
        let method = methods.contains(request.method) ? request.method : otherMethod
        let route: (Dimension, String?) = (.route, "\(method) \(request.route)")
        let service: (Dimension, String?) = (.service, request.service ?? "gateway")
        tally.add(1, to: .requests, at: time, route, service, (.status, String(request.status)))
        if request.status >= 500 {
            tally.add(1, to: .errors, at: time, route, service, (.status, String(request.status)))
        }
        if request.decision != "allowed" {
            tally.add(1, to: .refusals, at: time, route, (.decision, request.decision))
        }
        tally.record(request.durationMicroseconds, in: .latency, at: time, route, service)
        if let user = request.userID { tally.note(user, in: .activeUsers, at: time) }
        tally.note(request)
    }
}
