public import EventBus
public import System

/// One row of the rate-limit policy: so many requests, or failed log-ins, in so many seconds.
public struct RateLimitRule: Codable, Sendable, Hashable {
    /// Whose requests are counted together.
    public enum Scope: String, Codable, Sendable {
        /// Those of an address: the whole IPv4 address, the /64 of an IPv6 one.
        case address
        /// Those with a valid token of a user.
        case user
        /// All.
        case route
        /// Those that name an account, by Auth.
        case account
    }

    /// What is counted.
    public enum Subject: String, Codable, Sendable {
        /// Requests, by the gateway.
        case requests
        /// Log-ins with a wrong password, by Auth; by account or address.
        case failedLogIns = "failed_log_ins"
    }

    /// The rule's name in the RateLimit fields, unique in its policy.
    public var name: String
    /// What is counted; `requests` when absent.
    public var counts: Subject
    /// Whose are counted together.
    public var scope: Scope
    /// Only this method; nil is all. GET is HEAD too.
    public var method: String?
    /// Only paths of this pattern, such as `/v1/media/{id}/comments` or `/v1/chat/*`; nil is all.
    public var route: String?
    /// How many in each window.
    public var quota: Int
    /// The window, in seconds.
    public var windowSeconds: Int
    /// How many at once; nil is the quota.
    public var burst: Int?

    /// Makes a rule.
    public init(
        _ name: String,
        counts: Subject = .requests,
        scope: Scope,
        method: String? = nil,
        route: String? = nil,
        quota: Int,
        windowSeconds: Int = 60,
        burst: Int? = nil
    ) {
        self.name = name
        self.counts = counts
        self.scope = scope
        self.method = method
        self.route = route
        self.quota = quota
        self.windowSeconds = windowSeconds
        self.burst = burst
    }

    /// Reads a rule.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        counts = try values.decodeIfPresent(Subject.self, forKey: .counts) ?? .requests
        scope = try values.decode(Scope.self, forKey: .scope)
        method = try values.decodeIfPresent(String.self, forKey: .method)
        route = try values.decodeIfPresent(String.self, forKey: .route)
        quota = try values.decode(Int.self, forKey: .quota)
        windowSeconds = try values.decode(Int.self, forKey: .windowSeconds)
        burst = try values.decodeIfPresent(Int.self, forKey: .burst)
    }

    enum CodingKeys: String, CodingKey {
        case windowSeconds = "window_seconds"
        case name, counts, scope, method, route, quota, burst
    }

    /// The policy until somebody sets another.
    public static let standard = [
        RateLimitRule("address", scope: .address, quota: 12_000),
        RateLimitRule("user", scope: .user, quota: 6000),
        RateLimitRule("sign-ups", scope: .address, method: "POST", route: "/v1/users", quota: 120),
        RateLimitRule("log-ins", scope: .address, method: "POST", route: "/v1/auth/login", quota: 240),
        RateLimitRule("password-resets", scope: .address, method: "POST", route: "/v1/auth/password/*", quota: 60),
        RateLimitRule("failed-log-ins", counts: .failedLogIns, scope: .account, quota: 20),
        RateLimitRule("failed-log-ins-address", counts: .failedLogIns, scope: .address, quota: 100),
    ]
}

/// The whole rate-limit policy, each time it is set (`policy.rate-limits-changed`). The log's order decides: the last is in
/// force, and its offset is its version.
public struct RateLimitsChanged: EventPayload {
    /// See ``EventPayload/type``.
    public static let type = "policy.rate-limits-changed"
    /// See ``EventPayload/topic``.
    public static let topic = Topic.policyEvents
    /// See ``EventPayload/source``.
    public static let source = "/gateway"

    /// The rules.
    public var rules: [RateLimitRule]
    /// The admin who set it.
    public var changedBy: Identifier
    /// When.
    public var timestamp: Timestamp

    /// Makes the payload.
    public init(rules: [RateLimitRule], changedBy: Identifier, timestamp: Timestamp) {
        self.rules = rules
        self.changedBy = changedBy
        self.timestamp = timestamp
    }

    /// See ``EventPayload/key``.
    public var key: String { "rate-limits" }

    enum CodingKeys: String, CodingKey {
        case changedBy = "changed_by"
        case rules, timestamp
    }
}
