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

    private let metrics: MetricRegistry
    private let known = LoopLocal { _ in [Series: Histogram]() }

    init(_ metrics: MetricRegistry) {
        self.metrics = metrics
    }

    /// The histogram of a method, a route's pattern and a status. On the loop.
    func histogram(_ method: HTTPRequest.Method, _ route: String, _ status: Int, on loop: EventLoop) -> Histogram {
        let series = Series(method: Self.label(of: method), route: route, status: status)
        if let histogram = known[loop][series] { return histogram }
        let histogram = metrics.histogram(
            "http.server.request.duration",
            labels: [
                "http.request.method": series.method, "http.route": route, "http.response.status_code": String(status),
            ]
        )
        known[loop][series] = histogram
        return histogram
    }

    /// Methods that clients make up share one series (OpenTelemetry).
    private static func label(of method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options, .connect, .trace: method.rawValue
        default: "_OTHER"
        }
    }
}
