import Contracts
import EventBus
import FoundationEssentials
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System

/// Metrics over HTTP: now, as a stream and as a table for a spreadsheet. For admins.
struct MetricRoutes: Sendable {
    /// How long a read waits until what it asks for has taken effect.
    static let asOfWait = Duration.seconds(1)
    /// Time between two messages of a stream, in which changes gather.
    static let streamPause = Duration.milliseconds(200)

    let database: Database
    let tokens: TokenChecker
    let revocations: RevocationList
    let feed: MetricFeed
    let minutes: MinuteRetention
    let clock: WallClock

    func add(to router: inout Router) {
        router.get("/v1/analytics/metrics", tokens.role(.admin, handler: list))
        router.get("/v1/analytics/metrics/:name", tokens.role(.admin, handler: read))
        router.get("/v1/analytics/metrics/:name/stream", tokens.role(.admin, handler: stream))
    }

    private struct Description: Encodable {
        let name: String
        let kind: String
        let unit: String
        let description: String
        let groupBy: [String]
        let topics: [String]

        enum CodingKeys: String, CodingKey {
            case name, kind, unit, description, topics
            case groupBy = "group_by"
        }
    }

    @Sendable private func list(_ request: Request, _ token: AccessToken) async throws -> Response {
        let items = Metric.allCases.map(\.definition).map { metric in
            Description(
                name: metric.name,
                kind: metric.kind.rawValue,
                unit: metric.unit,
                description: metric.description,
                groupBy: metric.dimensions.map(\.name),
                topics: metric.topics.map(\.name)
            )
        }
        return try .json(Page(items: items, nextCursor: nil))
    }

    private struct Answer: Encodable, Sendable {
        let name: String
        let unit: String
        let bucket: String
        let groupBy: String
        let buckets: [MetricValue]
        let asOf: [String: Int64]

        enum CodingKeys: String, CodingKey {
            case name, unit, bucket, buckets
            case groupBy = "group_by"
            case asOf = "as_of"
        }
    }

    @Sendable private func read(_ request: Request, _ token: AccessToken) async throws -> Response {
        let asked = request.parameters["name"] ?? ""
        let isTable = asked.hasSuffix(MetricTable.suffix)
        let metric = try Self.metric(isTable ? String(asked.dropLast(MetricTable.suffix.count)) : asked)
        let query = try MetricQuery(metric, try request.query(), minutes, at: clock.now)
        let places = try AsOf(try request.query("as_of"), of: metric)
        let (values, asOf) = try await values(query, places, on: request.loop)
        return try request.conditional(Self.tag(query, asOf, isTable)) {
            guard !isTable else { return MetricTable.response(metric, values) }
            return try .json(
                Answer(
                    name: metric.definition.name,
                    unit: metric.definition.unit,
                    bucket: query.span.word,
                    groupBy: query.dimension.name,
                    buckets: values,
                    asOf: asOf
                ),
                [.cacheControl: "no-cache"]
            )
        }
    }

    private static func metric(_ name: String) throws -> Metric {
        guard let metric = Metric(name: name) else { throw Problem(.notFound) }
        return metric
    }

    /// The same question and the same places in the log: the same answer.
    private static func tag(_ query: MetricQuery, _ asOf: [String: Int64], _ isTable: Bool) -> EntityTag {
        let places = asOf.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
        let digest = HashFunction.sha256.digest("\(query.description)\n\(isTable)\n\(places)")
        return EntityTag(Hexadecimal.encode(Array(digest.prefix(12))))
    }

    /// The values and the places they are of, which are those that were asked for: 503 when these are not reached in time,
    /// 409 when they have been passed.
    private func values(_ query: MetricQuery, _ places: AsOf, on loop: EventLoop) async throws -> (
        [MetricValue], [String: Int64]
    ) {
        let deadline = MonotonicClock.nanoseconds + UInt64(Self.asOfWait.components.seconds) * 1_000_000_000
        while true {
            let found = try await database.read { connection in
                let asOf = try connection.asOf(query.metric)
                return try places.isReached(in: asOf) ? (try connection.values(query), asOf) : nil
            }
            if let found { return found }
            guard MonotonicClock.nanoseconds < deadline else { throw Problem(.positionNotReached, retryAfter: 1) }
            try await loop.sleep(for: .milliseconds(20))
        }
    }

    private struct Change: Encodable {
        /// Buckets that `buckets` holds whole.
        let starts: [Timestamp]
        let buckets: [MetricValue]
        let asOf: [String: Int64]

        enum CodingKeys: String, CodingKey {
            case starts, buckets
            case asOf = "as_of"
        }
    }

    @Sendable private func stream(_ request: Request, _ token: AccessToken) async throws -> Response {
        let metric = try Self.metric(request.parameters["name"] ?? "")
        let query = try MetricQuery(metric, try request.query(), minutes, at: clock.now)
        let (loop, last) = (request.loop, request.lastEventID)
        return .events(for: request) { stream in
            let ended = Waiter<Void>()
            let watch = revocations.watch(token) { ended.resume(.success(())) }
            try await withThrowingTaskGroup { group in
                group.addTask(executorPreference: loop) { try await ended.wait() }
                group.addTask(executorPreference: loop) {
                    try await follow(query, after: last, into: stream, on: loop)
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            withExtendedLifetime(watch) {}
        }
    }

    /// First the buckets as they are, unless the reader has them; then those that change, whole.
    private func follow(
        _ query: MetricQuery,
        after last: String?,
        into stream: EventStream,
        on loop: EventLoop
    ) async throws {
        let subscription = feed.subscribe(query)
        defer { feed.unsubscribe(subscription) }
        var isFirst = true
        while !stream.isOver {
            let starts = subscription.take()
            if isFirst || !starts.isEmpty {
                let isWhole = isFirst || starts.count > MetricFeed.changesLimit
                var query = query
                query.follow(isWhole ? nil : starts)
                let asked = query
                let (values, asOf) = try await database.read { connection in
                    (try connection.values(asked), try connection.asOf(asked.metric))
                }
                let id = Self.tag(query.ignoringTime, asOf, false).value
                if !(isFirst && last == id) {
                    let changed = Set(starts)
                    let change = Change(
                        starts: isWhole ? [] : starts.map { Timestamp(milliseconds: $0) },
                        buckets: isWhole ? values : values.filter { changed.contains($0.start.milliseconds) },
                        asOf: asOf
                    )
                    stream.send(
                        ServerSentEvent(id: id, event: isWhole ? "snapshot" : "change", data: try Self.text(change))
                    )
                }
                isFirst = false
                try await loop.sleep(for: Self.streamPause)
            } else {
                try await subscription.woken.wait()
            }
        }
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension MetricQuery {
    /// For a stream: all from the beginning on, or these buckets.
    fileprivate mutating func follow(_ starts: [Int64]?) {
        if let starts, let first = starts.first, let last = starts.last {
            (from, to) = (first, last + 1)
        } else {
            to = span == .all ? 1 : .max
        }
    }

    fileprivate var ignoringTime: MetricQuery {
        var query = self
        (query.from, query.to) = (0, 0)
        return query
    }
}
