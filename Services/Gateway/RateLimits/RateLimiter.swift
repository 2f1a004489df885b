import Synchronization

/// The generic cell rate algorithm: one instant a key, no refill job.
///
/// The instant (theoretical arrival time) moves on by an interval with each request; a request is refused when it would lie
/// further ahead than the tolerance. A request that several rules judge is judged by all in one step, at one instant, and
/// counts for all or for none; instants of a key never go back, so a replay in their order judges the same. Keys lie in a
/// table of fixed size in shards; where all places near a key's own are taken, the one nearest to being forgotten gives way.
/// Any thread.
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

    /// A rule's question about a request, and the answer. Keys are hashes already.
    struct Question: Sendable {
        let key: UInt64
        let rate: Rate
        /// What the rule says once it was judged.
        fileprivate(set) var verdict = Verdict(isAllowed: true, remaining: 0, seconds: 1)
        fileprivate var arrival: UInt64 = 0

        init(key: UInt64, rate: Rate) {
            self.key = key
            self.rate = rate
        }
    }

    /// What becomes of a request.
    struct Verdict: Sendable, Hashable {
        let isAllowed: Bool
        /// Requests left now.
        let remaining: Int
        /// Seconds until the whole burst is there again; for a refused request until the next is allowed. At least 1.
        let seconds: Int

        fileprivate init(isAllowed: Bool, remaining: Int, seconds: Int) {
            self.isAllowed = isAllowed
            self.remaining = remaining
            self.seconds = seconds
        }

        /// Of a request whose key's instant would lie `ahead` nanoseconds from now.
        fileprivate init(_ ahead: UInt64, _ rate: Rate) {
            isAllowed = ahead <= rate.tolerance
            remaining = isAllowed ? Int((rate.tolerance - ahead) / rate.interval) : 0
            let wait = isAllowed ? ahead : ahead - rate.tolerance
            seconds = max(1, Int((wait + 999_999_999) / 1_000_000_000))
        }
    }

    private static let shardCount = 16
    private static let places = 4096
    private static let probes = 8

    private struct Place {
        var key: UInt64 = 0
        var arrival: UInt64 = 0

        /// The instant of a key, 0 when the place is not its own.
        func arrival(of key: UInt64) -> UInt64 { self.key == key ? arrival : 0 }
    }

    private final class Shard: Sendable {
        let places = Mutex([Place](repeating: Place(), count: RateLimiter.places))
    }

    private let shards = (0..<shardCount).map { _ in Shard() }

    /// Judges a request by its questions from `first` on, at an instant of `clock` (monotonic, in nanoseconds), which is read
    /// once no other request can come between, and counts it when none of them refuses it. Returns the instant.
    func judge(_ questions: inout [Question], from first: Int = 0, clock: () -> UInt64) -> UInt64 {
        var shards: UInt64 = 0
        for index in first..<questions.count { shards |= 1 << UInt64(Self.shard(of: questions[index].key)) }
        return judge(&questions, from: first, holding: shards, clock)
    }

    /// Counts a request that was allowed at an instant.
    func count(_ questions: [Question], at now: UInt64) {
        for question in questions {
            shards[Self.shard(of: question.key)].places.withLock { places in
                let index = Self.find(question.key, in: places)
                let arrival = max(places[index].arrival(of: question.key), now) + question.rate.interval
                places[index] = Place(key: question.key, arrival: arrival)
            }
        }
    }

    /// Takes the locks of the shards, each a bit, in their order, then decides, and writes on the way back.
    private func judge(
        _ questions: inout [Question],
        from first: Int,
        holding rest: UInt64,
        _ clock: () -> UInt64
    ) -> UInt64 {
        guard rest != 0 else { return Self.decide(&questions, from: first, at: clock()) }
        let shard = rest.trailingZeroBitCount
        return shards[shard].places.withLock { places in
            for index in first..<questions.count where Self.shard(of: questions[index].key) == shard {
                let key = questions[index].key
                questions[index].arrival = places[Self.find(key, in: places)].arrival(of: key)
            }
            let now = judge(&questions, from: first, holding: rest & (rest - 1), clock)
            guard Self.areAllowed(questions, from: first) else { return now }
            for index in first..<questions.count where Self.shard(of: questions[index].key) == shard {
                let question = questions[index]
                places[Self.find(question.key, in: places)] = Place(key: question.key, arrival: question.arrival)
            }
            return now
        }
    }

    /// Moves the instants on and says what each rule makes of it.
    private static func decide(_ questions: inout [Question], from first: Int, at now: UInt64) -> UInt64 {
        for index in first..<questions.count {
            let rate = questions[index].rate
            let arrival = max(questions[index].arrival, now) + rate.interval
            questions[index].arrival = arrival
            questions[index].verdict = Verdict(arrival - now, rate)
        }
        return now
    }

    private static func areAllowed(_ questions: [Question], from first: Int) -> Bool {
        for index in first..<questions.count where !questions[index].verdict.isAllowed { return false }
        return true
    }

    private static func shard(of key: UInt64) -> Int { Int(key >> 1) % shardCount }

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
