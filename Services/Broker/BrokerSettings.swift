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
        _ environment: @escaping (String) -> String? = Environment.value,
        logger: Logger
    ) throws -> BrokerSettings {
        var variables = Variables(environment)
        var configuration = BrokerConfiguration(dataDirectory: variables.text("DATA_DIR") ?? ".marquee/broker")
        configuration.logger = logger
        readAddresses(&variables, into: &configuration)
        readLimits(&variables, into: &configuration)
        readTopics(&variables, into: &configuration)
        readAccess(&variables, into: &configuration)
        let healthPort = UInt16(variables.number("HEALTH_PORT", 0...65_535, 0))
        guard variables.problems.isEmpty else { throw Invalid(problems: variables.problems) }
        try File.createDirectory(configuration.dataDirectory)
        let host = configuration.hosts.first ?? "127.0.0.1"
        let address = healthPort == 0 ? nil : SocketAddress(host: host, port: healthPort)
        return BrokerSettings(broker: configuration, healthAddress: address)
    }

    private static func readAddresses(_ variables: inout Variables, into configuration: inout BrokerConfiguration) {
        configuration.hosts = (variables.text("HOST") ?? "127.0.0.1").split(separator: ",").map(String.init)
        configuration.port = UInt16(variables.number("PORT", 0...65_535, 9092))
        for text in (variables.text("ADVERTISED_LISTENERS") ?? "").split(separator: ",") {
            guard let listener = AdvertisedListener(text) else {
                variables.problems.append("ADVERTISED_LISTENERS has \"\(text)\", which is not HOST:PORT")
                continue
            }
            configuration.advertisedListeners.append(listener)
        }
        configuration.nodeID = Int32(variables.number("NODE_ID", 0...Int(Int32.max), 1))
        configuration.eventLoops = variables.number("EVENT_LOOPS", 1...256, min(Process.processors, 256))
    }

    private static func readLimits(_ variables: inout Variables, into configuration: inout BrokerConfiguration) {
        variables.read("MAX_CONNECTIONS", 1...1_000_000, &configuration.maximumConnections)
        variables.read("MAX_CONNECTIONS_PER_ADDRESS", 1...1_000_000, &configuration.maximumConnectionsPerAddress)
        variables.read("MAX_REQUEST_BYTES", 64 << 10...Int(Int32.max), &configuration.maximumRequestBytes)
        variables.read("MAX_QUEUED_BYTES", 1 << 20...1 << 40, &configuration.maximumQueuedBytes)
        variables.read("MAX_TOPICS", 1...1_000_000, &configuration.maximumTopics)
        variables.read("MAX_PARTITIONS", 1...1_000_000, &configuration.maximumPartitions)
        variables.read("GROUP_SESSION_TIMEOUT_MS", 1000...1_800_000, &configuration.consumerGroups.sessionTimeout)
        variables.read("GROUP_HEARTBEAT_INTERVAL_MS", 100...60_000, &configuration.consumerGroups.heartbeatInterval)
        variables.read("GROUP_MAX_SIZE", 1...1_000_000, &configuration.consumerGroups.maximumSize)
    }

    private static func readTopics(_ variables: inout Variables, into configuration: inout BrokerConfiguration) {
        configuration.defaultPartitions = Int32(variables.number("DEFAULT_PARTITIONS", 1...10_000, 4))
        configuration.createsTopics = variables.flag("AUTO_CREATE_TOPICS", true)
        let seconds = variables.number("RETENTION_CHECK_SECONDS", 1...86_400, 300)
        configuration.log.retentionInterval = Int64(seconds) * 1000
        variables.read("RING_BYTES", 0...1 << 30, &configuration.log.ringBytes)
        variables.read("RING_ROUND_BYTES", 4096...1 << 30, &configuration.log.ringRoundBytes)
        switch variables.text("DURABILITY") {
        case nil, "sync": configuration.log.durability = .synchronized
        case "os": configuration.log.durability = .operatingSystem
        default: variables.problems.append("DURABILITY is neither sync nor os")
        }
    }

    private static func readAccess(_ variables: inout Variables, into configuration: inout BrokerConfiguration) {
        configuration.allowsAnonymous = variables.flag("ALLOW_ANONYMOUS", false)
        let session = variables.number("SASL_SESSION_SECONDS", 0...86_400 * 365, 0)
        configuration.sessionLifetimeMilliseconds = session == 0 ? nil : Int64(session) * 1000
        if let path = variables.text("BROKER_SECRETS") {
            do {
                try SecurityFile.load(path, into: &configuration)
            } catch {
                variables.problems.append("BROKER_SECRETS \(path): \(error)")
            }
        }
        configuration.tls = tls(&variables)
    }

    /// The certificate, if there is one.
    private static func tls(_ variables: inout Variables) -> TLSServerConfiguration? {
        guard let certificate = variables.text("TLS_CERT"), let key = variables.text("TLS_KEY") else {
            for name in ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"] where variables.text(name) != nil {
                variables.problems.append("\(name) is set, and TLS_CERT and TLS_KEY are not both")
            }
            return nil
        }
        var tls = TLSServerConfiguration(certificate: certificate, key: key)
        tls.clientAuthorities = variables.text("TLS_CLIENT_CA")
        let isAsked = variables.text("TLS_CLIENT_AUTH") ?? (tls.clientAuthorities == nil ? "none" : "requested")
        if let authentication = TLSServerConfiguration.ClientAuthentication(rawValue: isAsked) {
            tls.clientAuthentication = authentication
        } else {
            variables.problems.append("TLS_CLIENT_AUTH is neither none, requested nor required")
        }
        if tls.clientAuthentication != .none, tls.clientAuthorities == nil {
            variables.problems.append("TLS_CLIENT_AUTH needs the authorities in TLS_CLIENT_CA")
        }
        return tls
    }
}

/// The environment's variables, and what is wrong with those that were read. An empty one is one that is not there.
private struct Variables {
    private let value: (String) -> String?
    var problems: [String] = []

    init(_ value: @escaping (String) -> String?) { self.value = value }

    func text(_ name: String) -> String? { value(name).flatMap { $0.isEmpty ? nil : $0 } }

    mutating func number(_ name: String, _ range: ClosedRange<Int>, _ fallback: Int) -> Int {
        guard let text = text(name) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            problems.append("\(name) is not in \(range.lowerBound)...\(range.upperBound)")
            return fallback
        }
        return number
    }

    /// Leaves what is there when the environment says nothing.
    mutating func read(_ name: String, _ range: ClosedRange<Int>, _ setting: inout Int) {
        setting = number(name, range, setting)
    }

    mutating func flag(_ name: String, _ fallback: Bool) -> Bool {
        switch text(name) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default:
            problems.append("\(name) is neither true nor false")
            return fallback
        }
    }
}
