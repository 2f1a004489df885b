import Synchronization

/// How many requests of a kind are allowed in a window.
struct RatePolicy: Sendable, Hashable {
    /// The name in the RateLimit fields.
    let name: String
    /// Requests in each window; a burst may use them all at once.
    let quota: Int
    /// Seconds.
    let window: Int
}

/// The generic cell rate algorithm: one instant a key, no refill job.
///
/// The instant (theoretical arrival time) moves on by `window / quota` with each request; a request is refused when it
/// would lie more than a window ahead. Keys hash into a table of fixed size in shards; where all places near a key's own
/// are taken, the one nearest to being forgotten gives way. Any thread.
final class RateLimiter: Sendable {
    /// What became of a request.
    struct Verdict: Sendable, Hashable {
        let isAllowed: Bool
        /// Requests left now.
        let remaining: Int
        /// Seconds until the whole quota is there again; for a refused request until the next is allowed. At least 1.
        let seconds: Int
    }

    private static let shardCount = 16
    private static let places = 4096
    private static let probes = 8

    private struct Place {
        var key: UInt64 = 0
        var arrival: UInt64 = 0
    }

    private final class Shard: Sendable {
        let places = Mutex([Place](repeating: Place(), count: RateLimiter.places))
    }

    private let shards = (0..<shardCount).map { _ in Shard() }

    /// Counts a request of `subject` at an instant of the monotonic clock in nanoseconds.
    func judge(_ subject: String, _ policy: RatePolicy, now: UInt64) -> Verdict {
        var hasher = Hasher()
        hasher.combine(policy.name)
        hasher.combine(subject)
        let key = UInt64(truncatingIfNeeded: hasher.finalize()) | 1
        let window = UInt64(policy.window) * 1_000_000_000
        let interval = max(1, window / UInt64(max(1, policy.quota)))
        return shards[Int(key >> 1) % Self.shardCount].places.withLock { places in
            let index = Self.find(key, in: places, now: now)
            let known = places[index].key == key ? places[index].arrival : 0
            let arrival = max(known, now) + interval
            guard arrival - now <= window else {
                let wait = arrival - now - window
                return Verdict(isAllowed: false, remaining: 0, seconds: Self.seconds(wait))
            }
            places[index] = Place(key: key, arrival: arrival)
            let remaining = Int((window - (arrival - now)) / interval)
            return Verdict(isAllowed: true, remaining: remaining, seconds: Self.seconds(arrival - now))
        }
    }

    private static func seconds(_ nanoseconds: UInt64) -> Int {
        max(1, Int((nanoseconds + 999_999_999) / 1_000_000_000))
    }

    /// The key's own place, else a free or the oldest one near it.
    private static func find(_ key: UInt64, in places: [Place], now: UInt64) -> Int {
        let start = Int(key >> 5) % Self.places
        var best = start
        for step in 0..<probes {
            let index = (start + step) % Self.places
            if places[index].key == key { return index }
            if places[index].arrival < places[best].arrival { best = index }
        }
        return best
    }
}
