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

    /// A rule's question about a request. Keys are hashes already.
    struct Question: Sendable {
        let key: UInt64
        let rate: Rate
    }

    /// What becomes of a request.
    struct Verdict: Sendable, Hashable {
        let isAllowed: Bool
        /// Requests left now.
        let remaining: Int
        /// Seconds until the whole burst is there again; for a refused request until the next is allowed. At least 1.
        let seconds: Int

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

    /// Judges a request at an instant of `clock` (monotonic, in nanoseconds), which is read once no other request can come
    /// between, and counts it when no rule refuses it.
    func judge(_ questions: [Question], clock: () -> UInt64) -> (verdicts: [Verdict], now: UInt64) {
        var inquiry = Inquiry(questions)
        let shards = questions.map { Self.shard(of: $0.key) }
        judge(&inquiry, holding: shards.count < 2 ? shards[...] : Set(shards).sorted()[...], clock)
        return (inquiry.verdicts, inquiry.now)
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

    /// A request while it is judged: what is known of its keys, then what becomes of it.
    private struct Inquiry {
        let questions: [Question]
        var arrivals: [UInt64]
        var verdicts: [Verdict] = []
        var now: UInt64 = 0

        init(_ questions: [Question]) {
            self.questions = questions
            arrivals = [UInt64](repeating: 0, count: questions.count)
        }

        /// Moves the instants on, unless a rule refuses.
        mutating func decide(_ clock: () -> UInt64) {
            now = clock()
            for index in questions.indices {
                let rate = questions[index].rate
                arrivals[index] = max(arrivals[index], now) + rate.interval
                verdicts.append(Verdict(arrivals[index] - now, rate))
            }
        }

        var isAllowed: Bool { verdicts.allSatisfy(\.isAllowed) }
    }

    /// Takes the locks of the shards in their order, then decides, and writes on the way back.
    private func judge(_ inquiry: inout Inquiry, holding rest: ArraySlice<Int>, _ clock: () -> UInt64) {
        guard let shard = rest.first else { return inquiry.decide(clock) }
        shards[shard].places.withLock { places in
            for (index, question) in inquiry.questions.enumerated() where Self.shard(of: question.key) == shard {
                inquiry.arrivals[index] = places[Self.find(question.key, in: places)].arrival(of: question.key)
            }
            judge(&inquiry, holding: rest.dropFirst(), clock)
            guard inquiry.isAllowed else { return }
            for (index, question) in inquiry.questions.enumerated() where Self.shard(of: question.key) == shard {
                places[Self.find(question.key, in: places)] = Place(
                    key: question.key,
                    arrival: inquiry.arrivals[index]
                )
            }
        }
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
