import HTTPCore
import Reactor
import Telemetry

/// The histograms `http.server.request.duration`, remembered on each loop: to build their labels for every request would
/// cost more than a small request.
struct RequestDurations: Sendable {
    private struct Series: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    /// Methods with series of their own; others share one, since clients can make them up (OpenTelemetry).
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
    ]

    private let metrics: MetricRegistry
    private let known = LoopLocal { _ in [Series: Histogram]() }

    init(_ metrics: MetricRegistry) {
        self.metrics = metrics
    }

    /// The histogram of a method, a route's pattern and a status. On the loop.
    func histogram(_ method: HTTPRequest.Method, _ route: String, _ status: Int, on loop: EventLoop) -> Histogram {
        let method = Self.methods.contains(method.rawValue) ? method.rawValue : "_OTHER"
        let series = Series(method: method, route: route, status: status)
        if let histogram = known[loop][series] { return histogram }
        let histogram = metrics.histogram(
            "http.server.request.duration",
            labels: [
                "http.request.method": method, "http.route": route, "http.response.status_code": String(status),
            ]
        )
        known[loop][series] = histogram
        return histogram
    }
}
