import System

/// How to find out whether a service is ready. In a container the check runs `stack probe URL`; here the same probe is
/// made without a process.
struct HealthCheck: Equatable {
    let probe: Probe
    let intervalMilliseconds: Int
    let timeoutMilliseconds: Int
    let retries: Int
    let startPeriodMilliseconds: Int

    /// Compose's defaults.
    static let defaultIntervalMilliseconds = 30_000
    static let defaultTimeoutMilliseconds = 30_000
    static let defaultRetries = 3

    private static let knownKeys: Set<String> = [
        "interval", "retries", "start_interval", "start_period", "test", "timeout",
    ]

    init(_ value: Value, _ place: String) throws {
        let members = try value.members(place)
        try ComposeFile.refuseUnknown(members, known: Self.knownKeys, in: place)
        let test = try members["test"]?.strings("\(place).test") ?? []
        guard test.count == 4, test[..<3] == ["CMD", "stack", "probe"] else {
            throw StackError.invalid("\(place).test: the native runner knows [CMD, stack, probe, URL]")
        }
        probe = try Probe(url: test[3])
        intervalMilliseconds =
            try members["interval"]?.milliseconds("\(place).interval") ?? Self.defaultIntervalMilliseconds
        timeoutMilliseconds =
            try members["timeout"]?.milliseconds("\(place).timeout") ?? Self.defaultTimeoutMilliseconds
        startPeriodMilliseconds = try members["start_period"]?.milliseconds("\(place).start_period") ?? 0
        retries = try members["retries"].flatMap { Int(try $0.text("\(place).retries")) } ?? Self.defaultRetries
    }
}

/// A question to a port of 127.0.0.1: `http://127.0.0.1:8101/readyz` answers 200, or `tcp://127.0.0.1:9092` accepts.
enum Probe: Equatable {
    case http(port: UInt16, path: String)
    case tcp(port: UInt16)

    init(url: String) throws {
        func refusal() -> StackError {
            .invalid("'\(url)' is neither http://127.0.0.1:PORT/PATH nor tcp://127.0.0.1:PORT")
        }
        let isHTTP = url.hasPrefix("http://127.0.0.1:")
        guard isHTTP || url.hasPrefix("tcp://127.0.0.1:") else { throw refusal() }
        let rest = url.dropFirst(isHTTP ? 17 : 16)
        let digits = rest.prefix { $0 != "/" }
        guard let port = UInt16(digits) else { throw refusal() }
        let path = String(rest[digits.endIndex...])
        self = isHTTP ? .http(port: port, path: path.isEmpty ? "/" : path) : .tcp(port: port)
    }

    /// Asks. Blocks for at most the time given.
    func succeeds(timeoutMilliseconds: Int) -> Bool {
        switch self {
        case .http(let port, let path):
            PortProbe.httpStatus(port, path: path, timeoutMilliseconds: timeoutMilliseconds) == 200
        case .tcp(let port):
            PortProbe.accepts(port, timeoutMilliseconds: timeoutMilliseconds)
        }
    }
}
