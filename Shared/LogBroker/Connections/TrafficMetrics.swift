import EventLog
import KafkaProtocol
import Telemetry

/// What the broker counts of its traffic; what the log and the groups hold is looked up at each exposition.
struct TrafficMetrics: Sendable {
    /// Bounds in seconds for what a fast disk does: 100 µs to 5 s.
    private static let commitBounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
    ]

    let produceDuration: Histogram
    let fetchDuration: Histogram
    let otherDuration: Histogram
    let commitDuration: Histogram
    let receivedBytes: Counter
    let sentBytes: Counter
    let memoryTimeouts: Counter
    private let throttled: [QuotaKind: Counter]
    private let refusedConnections: [ConnectionLimits.Refusal: Counter]

    init(_ registry: MetricRegistry) {
        func duration(_ api: String) -> Histogram {
            registry.histogram(
                "broker_request_duration",
                help: "From a request to its answer; of a fetch without the wait for records",
                labels: ["api": api]
            )
        }
        (produceDuration, fetchDuration, otherDuration) = (duration("produce"), duration("fetch"), duration("other"))
        commitDuration = registry.histogram(
            "broker_log_commit_duration",
            help: "One round of the log: what came meanwhile is written and synced",
            bounds: Self.commitBounds
        )
        receivedBytes = registry.counter("broker_received_bytes", help: "Bytes of requests")
        sentBytes = registry.counter("broker_sent_bytes", help: "Bytes of responses")
        memoryTimeouts = registry.counter(
            "broker_request_memory_timeouts",
            help: "Connections closed because no memory for their request became free"
        )
        throttled = Dictionary(
            uniqueKeysWithValues: QuotaKind.allCases.map { kind in
                let labels = ["quota": kind.rawValue]
                return (kind, registry.counter("broker_throttles", help: "Requests beyond a quota", labels: labels))
            }
        )
        refusedConnections = Dictionary(
            uniqueKeysWithValues: ConnectionLimits.Refusal.allCases.map { reason in
                let counter = registry.counter(
                    "broker_refused_connections",
                    help: "Connections closed because there are too many: in all, of one address, or in a short time",
                    labels: ["limit": reason.rawValue]
                )
                return (reason, counter)
            }
        )
    }

    func throttled(_ kind: QuotaKind) { throttled[kind]?.increment() }

    func refused(_ reason: ConnectionLimits.Refusal) { refusedConnections[reason]?.increment() }
}

extension BrokerCore {
    /// Most topics and groups that have series of their own.
    private static let seriesLimit = 1000

    /// Shows what the log and the groups hold at each exposition.
    func observeState() {
        let registry = configuration.metrics
        registry.observeSeries("broker_log_size", unit: "By", help: "Bytes of a topic's segments") { [weak self] in
            self?.topicSizes ?? []
        }
        registry.observeSeries(
            "broker_group_lag",
            help: "Records of a topic that a consumer group has committed no offset beyond"
        ) { [weak self] in
            self?.groupLags ?? []
        }
        registry.observe("broker_request_memory", unit: "By", help: "Bytes of large requests under way") {
            [weak self] in
            Double(self?.memory.used ?? 0)
        }
        registry.observe("broker_partitions", help: "Partitions of all topics") { [weak self] in
            Double(self?.store.topics.reduce(0) { $0 + Int($1.partitions) } ?? 0)
        }
    }

    private var topicSizes: [MetricRegistry.Sample] {
        store.topics.sorted { $0.name < $1.name }.prefix(Self.seriesLimit).map { topic in
            let size = store.partitions(topic.name).reduce(0) { $0 + $1.lastSize }
            return .init(labels: ["topic": topic.name], value: Double(size))
        }
    }

    private var groupLags: [MetricRegistry.Sample] {
        var samples: [MetricRegistry.Sample] = []
        for group in groups.all.sorted(by: { $0.id < $1.id }) {
            var lags: [String: Int64] = [:]
            for (place, offset) in groups.offsets(group.id) {
                guard let bounds = store.partition(place.topic, place.partition)?.lastBounds else { continue }
                lags[place.topic, default: 0] += max(0, bounds.durableEnd - max(offset.offset, bounds.start))
            }
            samples += lags.sorted { $0.key < $1.key }.map {
                .init(labels: ["group": group.id, "topic": $0.key], value: Double($0.value))
            }
            if samples.count >= Self.seriesLimit { break }
        }
        return Array(samples.prefix(Self.seriesLimit))
    }
}
