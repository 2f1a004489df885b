import Synchronization

/// The generic cell rate algorithm: one instant a key, no refill job.
///
/// The instant (theoretical arrival time) moves on by an interval with each request; a request is refused when it would lie
/// further ahead than the tolerance. Keys lie in a table of fixed size in shards; where all places near a key's own are
/// taken, the one nearest to being forgotten gives way. Any thread.
final class RateLimiter: Sendable {
    /// How fast a rule lets requests pass.
    struct Rate: Sendable, Hashable {
        /// Nanoseconds from one request to the next.
        let interval: UInt64
        /// Nanoseconds that requests may come early together: the burst.
        let tolerance: UInt64

        /// `burst` at once, `quota` in each window of seconds.
        init(quota: Int, windowSeconds: Int, burst: Int? = nil) {
            let window = UInt64(max(1, windowSeconds)) * 1_000_000_000
            let interval = max(1, window / UInt64(max(1, quota)))
            self.interval = interval
            tolerance = burst.map { interval * UInt64(max(1, $0)) } ?? window
        }
    }

    /// What becomes of a request.
    struct Verdict: Sendable, Hashable {
        let isAllowed: Bool
        /// Requests left now.
        let remaining: Int
        /// Seconds until the whole burst is there again; for a refused request until the next is allowed. At least 1.
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

    /// Judges a request of `key` at an instant of the monotonic clock in nanoseconds, and counts it when it is allowed and
    /// `counts` says so. Keys are hashes already.
    func judge(_ key: UInt64, _ rate: Rate, now: UInt64, counts: Bool = true) -> Verdict {
        let key = key | 1
        return shards[Int(key >> 1) % Self.shardCount].places.withLock { places in
            let index = Self.find(key, in: places)
            let known = places[index].key == key ? places[index].arrival : 0
            let arrival = max(known, now) + rate.interval
            guard arrival - now <= rate.tolerance else {
                let wait = arrival - now - rate.tolerance
                return Verdict(isAllowed: false, remaining: 0, seconds: Self.seconds(wait))
            }
            if counts { places[index] = Place(key: key, arrival: arrival) }
            let remaining = Int((rate.tolerance - (arrival - now)) / rate.interval)
            return Verdict(isAllowed: true, remaining: remaining, seconds: Self.seconds(arrival - now))
        }
    }

    private static func seconds(_ nanoseconds: UInt64) -> Int {
        max(1, Int((nanoseconds + 999_999_999) / 1_000_000_000))
    }

    /// The key's own place, else a free or the oldest one near it.
    private static func find(_ key: UInt64, in places: [Place]) -> Int {
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
