public import EventBus

/// What every service reads from the environment.
public struct ServiceConfiguration: Sendable {
    /// The service's name in lower case: label of its logs, name of its folder, source of its events.
    public var name: String
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 takes a free one.
    public var port: Int
    /// The folder that is this process's alone, `<DATA_DIR>/<name>`.
    public var dataDirectory: String
    /// The folder of the secrets that pairs of services share, `<DATA_DIR>/secrets`, mode 0700.
    public var secretsDirectory: String
    /// Where content lies, one place for Media, its workers and batch upload: `BLOB_STORE`.
    public var blobStore: String
    /// Event loops to run.
    public var eventLoops: Int
    /// How long a graceful stop may take, in seconds.
    public var shutdownSeconds: Int
    /// How the broker is reached.
    public var kafka: KafkaConfiguration
    /// Where Auth publishes its keys.
    public var authURL: String
    /// Who signs access tokens: `iss`.
    public var tokenIssuer: String
    /// Whom access tokens are for: `aud`.
    public var tokenAudience: String
    /// How long revocations may be unheard of before admin routes refuse.
    public var revocationSilence: Duration
    /// The address that people's browsers use.
    public var publicURL: String

    /// Reads the common variables; wrong values are reported by the reader's `finish`.
    public init(name: String, defaultPort: Int, eventLoops loops: Int = 1, reader: inout ConfigurationReader) {
        self.name = name
        host = reader.string("HOST", default: "127.0.0.1")
        port = reader.integer("PORT", default: defaultPort, in: 0...65_535)
        let data = reader.string("DATA_DIR", default: reader.string("MARQUEE_DATA", default: ".marquee"))
        dataDirectory = "\(data)/\(name)"
        secretsDirectory = "\(data)/secrets"
        blobStore = reader.string("BLOB_STORE", default: "file:\(data)/blobs")
        eventLoops = reader.integer("EVENT_LOOPS", default: min(loops, 64), in: 1...64)
        shutdownSeconds = reader.integer("SHUTDOWN_SECONDS", default: 10, in: 1...300)
        kafka = KafkaConfiguration(environment: reader.environment)
        kafka.copies = reader.integer("TOPIC_REPLICATION", default: -1, in: -1...100)
        authURL = reader.url("AUTH_URL", default: "http://127.0.0.1:8102")
        revocationSilence = .seconds(reader.integer("REVOCATION_SILENCE_SECONDS", default: 30, in: 5...900))
        publicURL = reader.url("PUBLIC_URL", default: "http://127.0.0.1:8080")
        tokenIssuer = reader.string("TOKEN_ISSUER", default: "marquee-auth")
        tokenAudience = reader.string("TOKEN_AUDIENCE", default: "marquee")
    }
}
