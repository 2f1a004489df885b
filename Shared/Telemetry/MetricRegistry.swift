import Synchronization

/// Holds the process's metrics and writes them in Prometheus text format.
///
/// Names are OpenTelemetry's (`http.server.request.duration`, unit `s`); the exposition turns them into Prometheus names
/// (`http_server_request_duration_seconds`). Asking twice for the same name and labels gives the same instrument; keep it
/// instead of asking on a hot path. Any thread.
public final class MetricRegistry: Sendable {
    /// The registry of this process.
    public static let shared = MetricRegistry()
    /// Series one name may have; more share one series labelled `otel_metric_overflow="true"`.
    public static let seriesLimit = 1000

    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case observed(isCounter: Bool, @Sendable () -> Double)
        case histogram(Histogram)
        case series(@Sendable () -> [Sample])

        var type: String {
            switch self {
            case .counter, .observed(isCounter: true, _): "counter"
            case .gauge, .observed, .series: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private struct Family {
        let help: String
        var series: [String: Instrument] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    /// An empty registry, for tests.
    public init() {}

    /// The counter of that name and those labels.
    public func counter(_ name: String, help: String = "", labels: [String: String] = [:]) -> Counter {
        let exposed = Self.exposedName(name, unit: "") + "_total"
        let found = instrument(exposed, help, labels) { .counter(Counter()) }
        if case .counter(let counter) = found { return counter }
        return Counter()
    }

    /// The gauge of that name and those labels. `unit` is `s`, `By` or empty.
    public func gauge(_ name: String, unit: String = "", help: String = "", labels: [String: String] = [:]) -> Gauge {
        let found = instrument(Self.exposedName(name, unit: unit), help, labels) { .gauge(Gauge()) }
        if case .gauge(let gauge) = found { return gauge }
        return Gauge()
    }

    /// A gauge whose value is asked for at each exposition; `read` must be quick and may run on any thread.
    public func observe(
        _ name: String,
        unit: String = "",
        help: String = "",
        labels: [String: String] = [:],
        read: @escaping @Sendable () -> Double
    ) {
        _ = instrument(Self.exposedName(name, unit: unit), help, labels) { .observed(isCounter: false, read) }
    }

    /// The same for a number that only grows; `_total` is added to its name.
    public func observeCounter(
        _ name: String,
        unit: String = "",
        help: String = "",
        labels: [String: String] = [:],
        read: @escaping @Sendable () -> Double
    ) {
        let exposed = Self.exposedName(name, unit: unit) + "_total"
        _ = instrument(exposed, help, labels) { .observed(isCounter: true, read) }
    }

    /// One value of `observeSeries`.
    public struct Sample: Sendable {
        /// What tells it from the others.
        public let labels: [String: String]
        /// The value.
        public let value: Double

        /// A value with its labels.
        public init(labels: [String: String], value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// A gauge with as many series as there are things now: `read` is asked for all of them at each exposition, may run on
    /// any thread and bounds their number itself.
    public func observeSeries(
        _ name: String,
        unit: String = "",
        help: String = "",
        read: @escaping @Sendable () -> [Sample]
    ) {
        _ = instrument(Self.exposedName(name, unit: unit), help, [:]) { .series(read) }
    }

    /// The histogram of that name and those labels; `bounds` are those of the first call.
    public func histogram(
        _ name: String,
        unit: String = "s",
        help: String = "",
        labels: [String: String] = [:],
        bounds: [Double] = Histogram.latencyBounds
    ) -> Histogram {
        let found = instrument(Self.exposedName(name, unit: unit), help, labels) {
            .histogram(Histogram(bounds: bounds))
        }
        if case .histogram(let histogram) = found { return histogram }
        return Histogram(bounds: bounds)
    }

    private func instrument(
        _ name: String,
        _ help: String,
        _ labels: [String: String],
        make: () -> Instrument
    ) -> Instrument {
        families.withLock { families in
            var key = Self.labelText(labels)
            if let known = families[name]?.series[key] { return known }
            if families[name, default: Family(help: help)].series.count >= Self.seriesLimit {
                key = "otel_metric_overflow=\"true\""
                if let known = families[name]?.series[key] { return known }
            }
            let made = make()
            families[name, default: Family(help: help)].series[key] = made
            return made
        }
    }

    /// All metrics in Prometheus text format 0.0.4 (`text/plain; version=0.0.4`), sorted by name.
    public func exposition() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            guard let type = family.series.first?.value.type else { continue }
            if !family.help.isEmpty { text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n" }
            text += "# TYPE \(name) \(type)\n"
            for (labels, instrument) in family.series.sorted(by: { $0.key < $1.key }) {
                Self.append(instrument, name: name, labels: labels, to: &text)
            }
        }
        return text
    }

    private static func append(_ instrument: Instrument, name: String, labels: String, to text: inout String) {
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        switch instrument {
        case .counter(let counter): text += "\(name)\(braced) \(counter.value)\n"
        case .gauge(let gauge): text += "\(name)\(braced) \(number(gauge.value))\n"
        case .observed(_, let read): text += "\(name)\(braced) \(number(read()))\n"
        case .series(let read):
            for sample in read() { text += "\(name){\(labelText(sample.labels))} \(number(sample.value))\n" }
        case .histogram(let histogram):
            let prefix = labels.isEmpty ? "" : labels + ","
            let cumulative = histogram.cumulative
            for (index, count) in cumulative.enumerated() {
                let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
                text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(count)\n"
            }
            text += "\(name)_sum\(braced) \(number(histogram.sum))\n"
            text += "\(name)_count\(braced) \(cumulative.last ?? 0)\n"
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }

    private static func exposedName(_ name: String, unit: String) -> String {
        let base = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") ? $0 : "_" })
        let suffixes = ["s": "_seconds", "By": "_bytes"]
        guard let suffix = suffixes[unit], !base.hasSuffix(suffix) else { return base }
        return base + suffix
    }

    private static func labelText(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }
            .map { "\(exposedName($0.key, unit: ""))=\"\(escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
