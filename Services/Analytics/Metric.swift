import Contracts
import EventBus

/// What is measured. A number is stored in the tables and never given to another metric.
enum Metric: Int64, CaseIterable, Sendable {
    case events = 1
    case ticketsSold = 2
    case ticketsCancelled = 3
    case revenue = 4
    case seatLocks = 5
    case seatRejections = 6
    case lockExpiries = 7
    case ticketsCheckedIn = 8
    case payments = 9
    case likes = 10
    case comments = 11
    case registrations = 12
    case logins = 13
    case failedLogins = 14
    case activeUsers = 15
    case messagesSent = 16
    case mediaUploaded = 17
    case mediaProcessing = 18
    case mediaFailed = 19
    case notificationsRequested = 20
    case notificationsDelivered = 21
    case notificationsFailed = 22
    case requests = 23
    case errors = 24
    case refusals = 25
    case latency = 26
    case batches = 27
    case otherEvents = 28

    /// How values of a bucket are kept and told.
    enum Kind: String, Sendable {
        /// A sum; exact.
        case count
        /// How many different ones; exact up to ``DistinctCount/exactLimit``.
        case distinct
        /// Percentiles of durations; see ``LatencyHistogram``.
        case percentiles
    }

    /// What is told of a metric, and by what its values are kept apart.
    struct Definition: Sendable {
        let name: String
        var kind = Kind.count
        let unit: String
        let dimensions: [Dimension]
        let topics: [Topic]
        let description: String
    }

    /// A metric by its name in the API.
    init?(name: String) {
        guard let found = Self.named[name] else { return nil }
        self = found
    }

    private static let named = Dictionary(uniqueKeysWithValues: allCases.map { ($0.definition.name, $0) })

    /// Whether its events come from topics whose records expire: it cannot be made anew from the log.
    var isRecent: Bool { !definition.topics.allSatisfy(\.isForever) }
}

/// By what values of a metric are kept apart. A number is stored in the tables and never given to another dimension.
enum Dimension: Int64, CaseIterable, Sendable {
    /// All together.
    case total = 0
    case showtime = 1
    /// Found by the showtime when it is asked for.
    case movie = 2
    case target = 3
    case targetType = 4
    case route = 5
    case service = 6
    case channel = 7
    case topic = 8
    case type = 9
    case reason = 10
    case status = 11
    case room = 12
    case contentType = 13
    case template = 14
    case decision = 15

    /// The word of `group_by`; empty for all together.
    var name: String {
        switch self {
        case .total: ""
        case .showtime: "showtime_id"
        case .movie: "movie_id"
        case .target: "target_id"
        case .targetType: "target_type"
        case .route: "route"
        case .service: "service"
        case .channel: "channel"
        case .topic: "topic"
        case .type: "type"
        case .reason: "reason"
        case .status: "status"
        case .room: "room_id"
        case .contentType: "content_type"
        case .template: "template"
        case .decision: "decision"
        }
    }

    /// The dimension whose values are stored.
    var stored: Dimension { self == .movie ? .showtime : self }
}

/// One metric by one dimension: what a row of the tables belongs to.
struct Series: Hashable, Sendable {
    static let dimensionsLimit: Int64 = 64

    /// The numbers of all there are.
    static let all = Metric.allCases.flatMap { metric in
        Set(([.total] + metric.definition.dimensions).map { Series(metric, $0).number }).sorted()
    }

    let number: Int64

    init(_ metric: Metric, _ dimension: Dimension = .total) {
        number = metric.rawValue * Self.dimensionsLimit + dimension.stored.rawValue
    }
}

extension Topic {
    /// Whether records never leave the log, so that what is made of them can be made anew.
    var isForever: Bool {
        if case .forever = retention { return true }
        return false
    }
}
