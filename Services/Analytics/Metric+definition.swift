import Contracts
import EventBus

extension Metric {
    /// The catalogue.
    var definition: Definition {
        switch self {
        case .events, .otherEvents, .requests, .errors, .refusals, .latency, .activeUsers: operations
        case .ticketsSold, .ticketsCancelled, .revenue, .seatLocks, .seatRejections, .lockExpiries, .ticketsCheckedIn,
            .payments:
            booking
        case .registrations, .logins, .failedLogins: accounts
        default: content
        }
    }

    private var operations: Definition {
        switch self {
        case .requests:
            requestMetric("requests", "requests", "Requests that the gateway answered")
        case .errors:
            requestMetric("errors", "requests", "Requests answered with 500 or above")
        case .refusals:
            Definition(
                name: "refusals",
                unit: "requests",
                dimensions: [.decision, .route],
                topics: [.gatewayRequests],
                description: "Requests refused by a rate limit"
            )
        case .latency:
            Definition(
                name: "latency_ms",
                kind: .percentiles,
                unit: "ms",
                dimensions: [.route, .service],
                topics: [.gatewayRequests],
                description: "From a request's head to the end of its answer, within 1/64 of the true value"
            )
        case .activeUsers:
            Definition(
                name: "active_users",
                kind: .distinct,
                unit: "users",
                dimensions: [],
                topics: [.gatewayRequests],
                description: "Users with a request; exact up to 512 a bucket, then within 5 % (three standard errors)"
            )
        case .otherEvents:
            Definition(
                name: "other_events",
                unit: "events",
                dimensions: [.topic, .type],
                topics: Topic.all.filter { !$0.isForever },
                description: "Events of the topics whose records expire, are compacted or may be lost"
            )
        default:
            Definition(
                name: "events",
                unit: "events",
                dimensions: [.topic, .type],
                topics: Topic.all.filter(\.isForever),
                description: "Events of the topics that never expire"
            )
        }
    }

    private func requestMetric(_ name: String, _ unit: String, _ description: String) -> Definition {
        Definition(
            name: name,
            unit: unit,
            dimensions: [.route, .service, .status],
            topics: [.gatewayRequests],
            description: description
        )
    }

    private var booking: Definition {
        switch self {
        case .ticketsSold:
            ticket("tickets_sold", "seats", "Seats sold and not cancelled, in the bucket of their sale")
        case .ticketsCancelled:
            ticket(
                "tickets_cancelled",
                "seats",
                "Seats that were sold and then cancelled, in the bucket of the cancellation"
            )
        case .revenue:
            ticket("revenue", "minor units", "Amounts of tickets sold and not cancelled, in the bucket of their sale")
        case .lockExpiries: ticket("lock_expiries", "seats", "Seats whose lock ended without payment")
        case .ticketsCheckedIn: ticket("tickets_checked_in", "seats", "Seats whose holders came in")
        case .seatLocks:
            ticket("seat_locks", "seats", "Seats held for a booking", topics: [.seatLocked])
        case .seatRejections:
            ticket("seat_rejections", "seats", "Seats asked for and refused", topics: [.seatLocked])
        default:
            Definition(
                name: "payments",
                unit: "payments",
                dimensions: [.status, .showtime, .movie],
                topics: [.paymentEvents],
                description: "Payments that a provider reported, by `success`, `failed`, `refunded` and their lateness"
            )
        }
    }

    private func ticket(
        _ name: String,
        _ unit: String,
        _ description: String,
        topics: [Topic] = [.ticketEvents]
    ) -> Definition {
        Definition(
            name: name,
            unit: unit,
            dimensions: [.showtime, .movie],
            topics: topics,
            description: description
        )
    }

    private var accounts: Definition {
        switch self {
        case .registrations:
            plain("registrations", "users", [.userEvents], "Accounts made")
        case .logins:
            plain("logins", "log-ins", [.authEvents], "Sessions begun")
        default:
            plain("failed_logins", "log-ins", [.authEvents], "Log-ins refused", [.reason])
        }
    }

    fileprivate func plain(
        _ name: String,
        _ unit: String,
        _ topics: [Topic],
        _ description: String,
        _ dimensions: [Dimension] = [],
        kind: Kind = .count
    ) -> Definition {
        Definition(
            name: name,
            kind: kind,
            unit: unit,
            dimensions: dimensions,
            topics: topics,
            description: description
        )
    }
}

extension Metric {
    fileprivate var content: Definition {
        switch self {
        case .likes:
            plain(
                "likes",
                "likes",
                [.likeEvents],
                "Likes not taken back, in the bucket of the like",
                [.target, .targetType]
            )
        case .comments:
            plain(
                "comments",
                "comments",
                [.commentEvents],
                "Comments not deleted, in the bucket of the comment",
                [.target, .targetType]
            )
        case .messagesSent:
            plain(
                "messages_sent",
                "messages",
                Topic.all.filter { $0.name == "chat-messages" },
                "Messages sent in rooms",
                [.room]
            )
        case .batches:
            plain("batches_completed", "batches", [.batchEvents], "Batches of uploads that came to a good end")
        case .mediaUploaded:
            plain("media_uploaded", "items", [.mediaEvents], "Media items uploaded", [.contentType])
        case .mediaProcessing:
            plain(
                "media_processing_ms",
                "ms",
                [.mediaEvents],
                "From upload to ready, within 1/64 of the true value",
                kind: .percentiles
            )
        case .mediaFailed:
            plain("media_failed", "items", [.mediaEvents], "Media items that could not be processed", [.reason])
        case .notificationsRequested:
            plain(
                "notifications_requested",
                "notifications",
                [.notifications],
                "What people were to be told",
                [.template]
            )
        case .notificationsDelivered:
            plain(
                "notifications_delivered",
                "notifications",
                [.notificationDeliveries],
                "Deliveries",
                [.channel, .template]
            )
        default:
            plain(
                "notifications_failed",
                "notifications",
                [.notificationDeliveries],
                "Deliveries given up",
                [.channel, .template]
            )
        }
    }
}
