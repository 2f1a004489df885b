import EventLog
import FoundationEssentials
import LogBroker
import Reactor
import Security
import System
import Telemetry

/// The broker's configuration from its environment; every wrong value is reported at once.
struct BrokerSettings {
    let broker: BrokerConfiguration
    /// Where `/readyz` and `/metrics` are served; nil: nowhere.
    let healthAddress: SocketAddress?

    struct Invalid: Error, CustomStringConvertible {
        let problems: [String]
        var description: String { "invalid configuration: " + problems.joined(separator: "; ") }
    }

    static func read(
        _ environment: (String) -> String? = Environment.value,
        logger: Logger
    ) throws -> BrokerSettings {
        var problems: [String] = []
        func number(_ name: String, _ range: ClosedRange<Int>, _ fallback: Int) -> Int {
            guard let text = environment(name), !text.isEmpty else { return fallback }
            guard let value = Int(text), range.contains(value) else {
                problems.append("\(name) is not in \(range.lowerBound)...\(range.upperBound)")
                return fallback
            }
            return value
        }
        func flag(_ name: String, _ fallback: Bool) -> Bool {
            switch environment(name) {
            case nil, "": return fallback
            case "true": return true
            case "false": return false
            default:
                problems.append("\(name) is neither true nor false")
                return fallback
            }
        }
        var configuration = BrokerConfiguration(dataDirectory: environment("DATA_DIR") ?? ".marquee/broker")
        configuration.logger = logger
        configuration.hosts = (environment("HOST") ?? "127.0.0.1").split(separator: ",").map(String.init)
        configuration.port = UInt16(number("PORT", 0...65_535, 9092))
        for text in (environment("ADVERTISED_LISTENERS") ?? "").split(separator: ",") {
            guard let listener = AdvertisedListener(text) else {
                problems.append("ADVERTISED_LISTENERS has \"\(text)\", which is not HOST:PORT")
                continue
            }
            configuration.advertisedListeners.append(listener)
        }
        configuration.nodeID = Int32(number("NODE_ID", 0...Int(Int32.max), 1))
        configuration.eventLoops = number("EVENT_LOOPS", 1...256, min(Process.processors, 256))
        configuration.defaultPartitions = Int32(number("DEFAULT_PARTITIONS", 1...10_000, 4))
        configuration.maximumConnections = number("MAX_CONNECTIONS", 1...1_000_000, configuration.maximumConnections)
        configuration.maximumConnectionsPerAddress = number(
            "MAX_CONNECTIONS_PER_ADDRESS",
            1...1_000_000,
            configuration.maximumConnectionsPerAddress
        )
        configuration.maximumRequestBytes = number(
            "MAX_REQUEST_BYTES",
            64 << 10...Int(Int32.max),
            configuration.maximumRequestBytes
        )
        configuration.maximumQueuedBytes = number(
            "MAX_QUEUED_BYTES",
            1 << 20...1 << 40,
            configuration.maximumQueuedBytes
        )
        configuration.maximumTopics = number("MAX_TOPICS", 1...1_000_000, configuration.maximumTopics)
        configuration.maximumPartitions = number("MAX_PARTITIONS", 1...1_000_000, configuration.maximumPartitions)
        configuration.allowsAnonymous = flag("ALLOW_ANONYMOUS", false)
        let session = number("SASL_SESSION_SECONDS", 0...86_400 * 365, 0)
        configuration.sessionLifetimeMilliseconds = session == 0 ? nil : Int64(session) * 1000
        configuration.createsTopics = flag("AUTO_CREATE_TOPICS", true)
        configuration.log.retentionInterval = Int64(number("RETENTION_CHECK_SECONDS", 1...86_400, 300)) * 1000
        switch environment("DURABILITY") {
        case nil, "", "sync": configuration.log.durability = .synchronized
        case "os": configuration.log.durability = .operatingSystem
        default: problems.append("DURABILITY is neither sync nor os")
        }
        if let path = environment("BROKER_SECRETS"), !path.isEmpty {
            do {
                try SecurityFile.load(path, into: &configuration)
            } catch {
                problems.append("BROKER_SECRETS \(path): \(error)")
            }
        }
        configuration.tls = tls(environment, &problems)
        let healthPort = UInt16(number("HEALTH_PORT", 0...65_535, 0))
        guard problems.isEmpty else { throw Invalid(problems: problems) }
        try File.createDirectory(configuration.dataDirectory)
        let host = configuration.hosts.first ?? "127.0.0.1"
        let address = healthPort == 0 ? nil : SocketAddress(host: host, port: healthPort)
        return BrokerSettings(broker: configuration, healthAddress: address)
    }
    /// The certificate, if there is one.
    private static func tls(
        _ environment: (String) -> String?,
        _ problems: inout [String]
    ) -> TLSServerConfiguration? {
        func path(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        guard let certificate = path("TLS_CERT"), let key = path("TLS_KEY") else {
            for name in ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"] where path(name) != nil {
                problems.append("\(name) is set, and TLS_CERT and TLS_KEY are not both")
            }
            return nil
        }
        var tls = TLSServerConfiguration(certificate: certificate, key: key)
        tls.clientAuthorities = path("TLS_CLIENT_CA")
        let isAsked = path("TLS_CLIENT_AUTH") ?? (tls.clientAuthorities == nil ? "none" : "requested")
        if let authentication = TLSServerConfiguration.ClientAuthentication(rawValue: isAsked) {
            tls.clientAuthentication = authentication
        } else {
            problems.append("TLS_CLIENT_AUTH is neither none, requested nor required")
        }
        if tls.clientAuthentication != .none, tls.clientAuthorities == nil {
            problems.append("TLS_CLIENT_AUTH needs the authorities in TLS_CLIENT_CA")
        }
        return tls
    }
}
