import System
import Telemetry
import Testing

@Suite struct MetricTests {
    @Test func `counters, gauges and histograms come out in Prometheus format`() {
        let registry = MetricRegistry()
        registry.counter("marquee.logins", help: "Log-ins", labels: ["result": "a\"b"]).increment(by: 2)
        registry.counter("marquee.logins", labels: ["result": "a\"b"]).increment()
        registry.gauge("marquee.open", unit: "By").set(1.5)
        registry.observe("marquee.queue") { 7 }
        let histogram = registry.histogram("http.server.request.duration", bounds: [0.1, 1])
        histogram.observe(0.05)
        histogram.observe(0.5)
        histogram.observe(5)
        #expect(
            registry.exposition() == """
                # TYPE http_server_request_duration_seconds histogram
                http_server_request_duration_seconds_bucket{le="0.1"} 1
                http_server_request_duration_seconds_bucket{le="1"} 2
                http_server_request_duration_seconds_bucket{le="+Inf"} 3
                http_server_request_duration_seconds_sum 5.55
                http_server_request_duration_seconds_count 3
                # HELP marquee_logins_total Log-ins
                # TYPE marquee_logins_total counter
                marquee_logins_total{result="a\\"b"} 3
                # TYPE marquee_open_bytes gauge
                marquee_open_bytes 1.5
                # TYPE marquee_queue gauge
                marquee_queue 7

                """
        )
    }

    @Test func `a name with too many label values keeps a bounded number of series`() {
        let registry = MetricRegistry()
        for index in 0..<MetricRegistry.seriesLimit + 50 {
            registry.counter("x", labels: ["id": String(index)]).increment()
        }
        let lines = registry.exposition().split(separator: "\n")
        #expect(lines.count == MetricRegistry.seriesLimit + 2)
        #expect(lines.contains("x_total{otel_metric_overflow=\"true\"} 50"))
    }
}

@Suite struct ProcessMetricTests {
    @Test func `what the process uses is exposed under Prometheus' standard names`() throws {
        let registry = MetricRegistry()
        registry.observeProcess()
        let lines = registry.exposition().split(separator: "\n")
        func value(_ name: String) throws -> Double {
            let line = try #require(lines.first { $0.hasPrefix(name + " ") }, "\(name)")
            return try #require(Double(line.dropFirst(name.count + 1)))
        }
        #expect(lines.contains("# TYPE process_cpu_seconds_total counter"))
        #expect(try value("process_cpu_seconds_total") > 0)
        #expect(try (1 << 20..<1 << 34).contains(Int(value("process_resident_memory_bytes"))))
        #expect(try value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(try (3...value("process_max_fds")).contains(value("process_open_fds")))
        let age = try Double(WallClock.system.now.milliseconds) / 1000 - value("process_start_time_seconds")
        #expect((-1..<86_400).contains(age))
    }
}
