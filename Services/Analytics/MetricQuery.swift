import Contracts
import HTTPCore
import HTTPTransport
import ServiceKit
import System

/// What a reader asks of a metric: bounded in time and rows.
struct MetricQuery: Hashable, Sendable {
    /// Rows of an answer at most.
    static let rowLimit = 10_000
    /// Rows that are read at most for it.
    static let scanLimit = 100_000
    /// Keys that `top` may ask for.
    static let topLimit = 100
    /// Buckets of a range at most.
    static let bucketLimit: Int64 = 100_000

    let metric: Metric
    let span: Span
    let dimension: Dimension
    /// Only this value of the dimension.
    let key: String?
    /// Only so many keys, those with the most in the range; nil for all.
    let top: Int?
    var from: Int64
    var to: Int64

    /// Reads `from`, `to`, `bucket`, `group_by` and `key`.
    init(_ metric: Metric, _ query: QueryItems, _ minutes: MinuteRetention, at now: Timestamp) throws {
        let values = Dictionary(query.items.map { ($0.name, $0.value) }) { first, _ in first }
        self.metric = metric
        let word = values["bucket"] ?? Span.minute.word
        guard let span = Span(word: word) else { throw Problem.invalid("bucket", "1m, 1h, 1d or all") }
        self.span = span
        dimension = try Self.dimension(values["group_by"] ?? "", of: metric)
        key = values["key"]
        guard key == nil || dimension != .total else { throw Problem.invalid("key", "needs group_by") }
        top = try values["top"].map { text in
            guard let number = Int(text), (1...Self.topLimit).contains(number) else {
                throw Problem.invalid("top", "a whole number from 1 to \(Self.topLimit)")
            }
            return number
        }
        let end = try Self.instant("to", values["to"]) ?? now.milliseconds + 1
        let start = try Self.instant("from", values["from"]) ?? end - span.usualRange
        from = span.start(of: start)
        to = span == .all ? 1 : end
        guard from <= to else { throw Problem.invalid("to", "not before from") }
        guard span != .minute || from >= minutes.oldest(at: now) else {
            throw Problem.invalid("from", "minutes are kept for \(minutes.days) days: ask for hours or days")
        }
        guard span == .all || (to - from) / span.rawValue <= Self.bucketLimit else {
            throw Problem.invalid("from", "at most \(Self.bucketLimit) buckets")
        }
    }

    private static func dimension(_ word: String, of metric: Metric) throws -> Dimension {
        let dimensions = metric.definition.dimensions
        guard let found = ([.total] + dimensions).first(where: { $0.name == word }) else {
            let words = dimensions.map(\.name).joined(separator: ", ")
            throw Problem.invalid("group_by", words.isEmpty ? "this metric has none" : words)
        }
        return found
    }

    private static func instant(_ name: String, _ text: String?) throws -> Int64? {
        guard let text else { return nil }
        guard let instant = Timestamp(rfc3339: text) else { throw Problem.invalid(name, "RFC 3339") }
        return instant.milliseconds
    }

    /// What decides the answer beside the data, for its tag.
    var description: String {
        "\(metric.rawValue) \(span.rawValue) \(dimension.rawValue) \(from) \(to) \(top ?? 0) \(key ?? "-")"
    }
}

/// A value of a metric in a bucket.
struct MetricValue: Encodable, Sendable, Equatable {
    var start: Timestamp
    var key: String
    /// The sum, the number of different ones, or the middle (p50) of durations in milliseconds.
    var value: Double
    /// ISO 4217, for amounts.
    var currency: String?
    var p50: Double?
    var p95: Double?
    var p99: Double?
    /// How many durations there are.
    var count: Int64?
}
