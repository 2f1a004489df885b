import HTTPCore
import HTTPTransport

/// The services behind the gateway, with the ports of the local stack.
enum Backend: String, Sendable, CaseIterable {
    case user, auth, media, like, comment, chat, notification, booking, analytics
    case batchUpload = "batch_upload"

    /// The variable that names its address.
    var variable: String { rawValue.uppercased() + "_URL" }

    /// Where it listens when nothing else is said.
    var defaultPort: Int {
        switch self {
        case .user: 8101
        case .auth: 8102
        case .media: 8103
        case .batchUpload: 8105
        case .like: 8106
        case .comment: 8107
        case .chat: 8108
        case .notification: 8109
        case .booking: 8110
        case .analytics: 8111
        }
    }
}

/// Which service answers a path: the paths of openapi.yaml by their `x-marquee-service`, generated into `patterns`. What is
/// not described, and everything under `/internal`, stays unknown.
struct RouteTable: Sendable {
    /// What stands for the route in logs and metrics when there is none.
    static let unmatched = "unmatched"

    private let routes: RouteTrie

    init() {
        var routes = RouteTrie()
        for (pattern, _) in Self.patterns { routes.add(.get, pattern) }
        self.routes = routes
    }

    /// The service of a path and the pattern that led to it, for logs and metrics.
    func find(_ path: RequestPath) -> (backend: Backend, pattern: String)? {
        guard case .found(let number, let pattern, _) = routes.match(.get, path.segments) else { return nil }
        return (Self.patterns[number].1, pattern)
    }
}
