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

/// Which service answers a path. The longest pattern wins: `/v1/media/:id/likes` is Like's, the rest of `/v1/media` Media's.
/// Everything under `/internal` stays unknown.
struct RouteTable: Sendable {
    private static let patterns: [(String, Backend)] = [
        ("/v1/users/*", .user), ("/v1/erasures/*", .user),
        ("/v1/auth/*", .auth), ("/.well-known/jwks.json", .auth),
        ("/v1/media/*", .media),
        ("/v1/batches/*", .batchUpload),
        ("/v1/media/:id/likes/*", .like), ("/v1/comments/:id/likes/*", .like), ("/v1/likes/*", .like),
        ("/v1/users/me/likes", .like), ("/v1/admin/likes/*", .like),
        ("/v1/media/:id/comments/*", .comment), ("/v1/comments/*", .comment), ("/v1/admin/comments/*", .comment),
        ("/v1/admin/media/:id/comments/*", .comment), ("/v1/admin/users/:id/comment-block", .comment),
        ("/v1/chat/*", .chat),
        ("/v1/notifications/*", .notification), ("/v1/push-subscriptions/*", .notification),
        ("/v1/movies/*", .booking), ("/v1/showtimes/*", .booking), ("/v1/bookings/*", .booking),
        ("/v1/tickets/*", .booking), ("/v1/payments/*", .booking), ("/v1/cinemas/*", .booking),
        ("/v1/halls/*", .booking), ("/v1/admin/showtimes/*", .booking),
        ("/v1/analytics/*", .analytics),
    ]

    private let routes: RouteTrie<Backend>

    init() {
        var routes = RouteTrie<Backend>()
        for (pattern, backend) in Self.patterns { routes.add(.get, pattern, backend) }
        self.routes = routes
    }

    /// The service of a path and the pattern that led to it, for logs and metrics.
    func find(_ path: RequestPath) -> (backend: Backend, pattern: String)? {
        guard case .found(let backend, let pattern, _) = routes.match(.get, path.segments) else { return nil }
        return (backend, pattern)
    }
}
