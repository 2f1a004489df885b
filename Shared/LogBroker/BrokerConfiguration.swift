public import EventLog
public import Security
public import Telemetry

/// How a broker works. The defaults suit one machine: loopback, anonymous clients, topics made when first used.
public struct BrokerConfiguration: Sendable {
    /// Where it listens; each with the same port.
    public var hosts = ["127.0.0.1"]
    /// The port; 0 lets the kernel choose.
    public var port: UInt16 = 9092
    /// Where clients are told to connect: one who came by a port that is named here, to the address named with it; any
    /// other, to the address he came to. The broker listens on every port named here too.
    public var advertisedListeners: [AdvertisedListener] = []
    /// The folder of the logs.
    public var dataDirectory: String
    /// Id of this broker in the cluster of one.
    public var nodeID: Int32 = 1
    /// Event loops; at best one per core.
    public var eventLoops = 2
    /// Whether clients that do not authenticate are served on addresses other than loopback.
    public var allowsAnonymous = false
    /// Whether topics come into being when a client asks for their metadata, on loopback.
    public var createsTopics = true
    /// Partitions of topics for which nobody says how many.
    public var defaultPartitions: Int32 = 4
    /// The certificate by which clients may speak TLS, and those on other machines have to; nil: nobody does.
    public var tls: TLSServerConfiguration?
    /// Who may authenticate, by user name.
    public var users: [String: BrokerUser] = [:]
    /// How long a log-in lasts before the client has to authenticate again on its connection, milliseconds
    /// (`connections.max.reauth.ms`); nil: as long as the connection.
    public var sessionLifetimeMilliseconds: Int64?
    /// Principals that may do everything, such as `User:admin`.
    public var superUsers: Set<String> = []
    /// The access rules at start.
    public var accessRules: [AccessRule] = []
    /// Keeps access rules that clients change; called on a thread that may block. Nil: clients cannot change them.
    public var storeAccessRules: (@Sendable ([AccessRule]) throws -> Void)?
    /// The largest request, bytes (`socket.request.max.bytes`).
    public var maximumRequestBytes = 100 << 20
    /// Connections at a time (`max.connections`).
    public var maximumConnections = 10_000
    /// Connections at a time of one address (`max.connections.per.ip`).
    public var maximumConnectionsPerAddress = 10_000
    /// Bytes of requests under way, of all connections (`queued.max.request.bytes`).
    public var maximumQueuedBytes = 512 << 20
    /// Topics at a time.
    public var maximumTopics = 10_000
    /// Partitions of all topics together.
    public var maximumPartitions = 100_000
    /// Groups whose assignments the broker makes.
    public var consumerGroups = ConsumerGroupSettings()
    /// How the log works.
    public var log = LogStoreConfiguration()
    /// Where it logs.
    public var logger = Logger(label: "broker")
    /// Where it counts.
    public var metrics = MetricRegistry.shared

    /// The defaults, with data in a folder that is made when missing.
    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }
}

/// An address of the broker as some of its clients know it: those of one network, or those behind a port forwarding.
public struct AdvertisedListener: Sendable, Equatable {
    /// A name or an IP address.
    public var host: String
    /// The port, the same for the broker and for its clients.
    public var port: UInt16

    /// An address.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, an IPv6 address in brackets; nil when it is none.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }
}

/// Limits of the protocol's side that are not settings.
enum Limit {
    /// What a connection may send before it has authenticated where it must.
    static let unauthenticatedRequestBytes = 64 << 10
    /// A TLS handshake is over within this time, and within so many bytes.
    static let handshake = Duration.seconds(10)
    static let handshakeBytes: UInt64 = 128 << 10
    /// How long a client that is let go may take to hear it.
    static let farewell = Duration.seconds(1)
    /// Responses that a connection may have waiting before its next request is read.
    static let pendingResponses = 64
    /// A connection without a request is closed after this (`connections.max.idle.ms`).
    static let idle = Duration.seconds(600)
    /// The longest pause within a request that has begun.
    static let frame = Duration.seconds(60)
    /// How long a request waits for others to give memory back.
    static let requestMemory = Duration.seconds(30)
    /// A client that does not take its response for this long is cut off.
    static let write = Duration.seconds(60)
    /// The longest that a fetch waits, whatever it asks for.
    static let fetchWait: Int32 = 300_000
    /// The most bytes of one fetch response (`fetch.max.bytes`).
    static let fetchBytes: Int32 = 57_671_680
    /// How long requests under way may take when the broker stops.
    static let stopGrace = Duration.seconds(5)
}
