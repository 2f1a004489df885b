/// How many requests may be sent a second time: a share of all, so that a server in trouble is not asked twice as often.
struct RetryBudget {
    /// What one request adds: one retry for every five requests.
    static let share = 0.2
    /// What is saved up at most, and there at the start.
    static let reserve = 10.0

    private var tokens = reserve

    /// A request was sent.
    mutating func earn() {
        tokens = min(Self.reserve, tokens + Self.share)
    }

    /// Whether a request may be sent again, which is counted.
    mutating func spend() -> Bool {
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
