import HTTPCore
public import HTTPTransport
import Synchronization
public import Telemetry

/// Whether the service lives and may be sent requests: `/livez`, `/readyz` (`?verbose` names each check) and `/metrics`.
public final class Health: Sendable {
    private struct Check: Sendable {
        let name: String
        let isRequired: Bool
        let isGood: @Sendable () -> Bool
        let detail: @Sendable () -> String?
    }

    private struct State {
        var checks: [Check] = []
        var isStopping = false
    }

    private let state = Mutex(State())

    /// Without checks.
    public init() {}

    /// Adds a check; one that is not required is shown and does not make the service unready. `detail` is shown behind the
    /// word. Both must be quick and may run on any thread.
    public func add(
        _ name: String,
        required: Bool = true,
        detail: @escaping @Sendable () -> String? = { nil },
        isGood: @escaping @Sendable () -> Bool
    ) {
        let check = Check(name: name, isRequired: required, isGood: isGood, detail: detail)
        state.withLock { $0.checks.append(check) }
    }

    /// From now on the service is not ready: it drains.
    public func beginStopping() {
        state.withLock { $0.isStopping = true }
    }

    /// Adds the three routes.
    public func addRoutes(to router: inout Router, metrics: MetricRegistry = .shared) {
        metrics.observeProcess()
        router.get("/livez") { _ in .text(.ok, "ok\n") }
        router.get("/readyz") { request in
            try self.readiness(verbose: request.query().items.contains { $0.name == "verbose" })
        }
        router.get("/metrics") { _ in
            Response(
                .ok,
                [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .bytes(Array(metrics.exposition().utf8))
            )
        }
    }

    private struct Report: Encodable {
        var status: String
        var checks: [String: String]?
        var process: ProcessReport?
    }

    private func readiness(verbose: Bool) throws -> Response {
        let (checks, isStopping) = state.withLock { ($0.checks, $0.isStopping) }
        let results = checks.map { ($0, $0.isGood()) }
        let isReady = !isStopping && results.allSatisfy { $0.1 || !$0.0.isRequired }
        var report = Report(status: isReady ? "ready" : isStopping ? "stopping" : "not ready")
        if verbose {
            report.process = .now
            let words = results.map { check, isGood in
                let word = isGood ? "ok" : check.isRequired ? "failing" : "degraded"
                return (check.name, [word, check.detail()].compactMap(\.self).joined(separator: ", "))
            }
            report.checks = Dictionary(words) { $0.hasPrefix("ok") ? $1 : $0 }
        }
        return try .json(report, status: isReady ? .ok : .serviceUnavailable, [.cacheControl: "no-store"])
    }
}
