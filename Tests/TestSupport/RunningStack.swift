import Synchronization
public import System

/// The whole stack of debug programs on free ports, with data of its own, under the real supervisor.
public final class RunningStack: Installation {
    /// The gateway: `http://127.0.0.1:port`.
    public let url: String
    /// Where the services keep their data.
    public var data: String { environment["MARQUEE_DATA"] ?? "" }
    private let directory: TemporaryDirectory
    private let environment: [String: String]
    /// Whether its broker is an Apache Kafka, which asks nobody for a password.
    public let isOnKafka: Bool
    private let kills = Mutex<[String: Int]>([:])

    private static let services = [
        "BROKER", "BROKER_HEALTH", "GATEWAY", "USER", "AUTH", "MEDIA", "MEDIA_WORKER", "BATCH_UPLOAD", "LIKE",
        "NOTIFICATION",
        "BOOKING",
        "ANALYTICS", "COMMENT", "CHAT",
    ]

    /// Runs `body` around a stack that is up, and stops it whatever happens. Without `kafka` the stack has its own broker.
    /// `variables` are added to its environment. Throws ``StackFailure`` with the end of the logs.
    public static func with(
        _ variables: [String: String] = [:],
        kafka: ApacheKafka? = nil,
        _ body: (RunningStack) async throws -> Void
    ) async throws {
        let stack = try RunningStack(variables, kafka: kafka)
        do {
            let up = try await stack.command("up", "--timeout", "90")
            guard up.status.isSuccess else { throw StackFailure(description: up.output) }
            try await body(stack)
            try stack.checkNoneCrashed()
        } catch {
            let logs = try await stack.command("logs", "-n", "40")
            _ = try await stack.command("down")
            throw StackFailure(description: "\(error)\n\(logs.output)")
        }
        let down = try await stack.command("down")
        guard down.status.isSuccess else { throw StackFailure(description: down.output) }
        withExtendedLifetime(kafka) {}
    }

    private init(_ variables: [String: String], kafka: ApacheKafka?) throws {
        directory = try TemporaryDirectory()
        var environment = ["MARQUEE_DATA": directory.appending("data")]
        for name in Self.services { environment["\(name)_PORT"] = "\(try PortProbe.freePort())" }
        environment["KAFKA_BOOTSTRAP_SERVERS"] = kafka?.bootstrapServers
        environment["SWIFT_BACKTRACE"] = "enable=no"
        self.environment = environment.merging(variables) { $1 }
        isOnKafka = kafka != nil
        url = "http://127.0.0.1:\(environment["GATEWAY_PORT"] ?? "")"
        let users = "\(data)/secrets/broker.json"
        // A data folder that was restored has them.
        if BrokerSecurity.isOn, kafka == nil, !File.exists(users) { try BrokerSecurity.writeUsers(to: users) }
    }

    /// A service itself, past the gateway: `http://127.0.0.1:port`.
    public func url(of service: String) -> String { "http://\(address(of: service))" }

    /// Host and port of a service.
    public func address(of service: String) -> String {
        "127.0.0.1:\(environment["\(service.uppercased().replacing("-", with: "_"))_PORT"] ?? "")"
    }

    /// Where the events are: host and port.
    public var broker: String { environment["KAFKA_BOOTSTRAP_SERVERS"] ?? address(of: "broker") }

    /// Runs a command of the stack runner.
    @discardableResult
    public func command(_ words: String...) async throws -> Command.Result {
        try await Command.run(
            ServiceProcess.path(of: "stack"),
            arguments(words),
            environment: environment,
            within: 120
        )
    }

    private func arguments(_ words: [String]) -> [String] {
        let exception = isOnKafka && ["up", "wait"].contains(words.first) ? ["--except", "broker"] : []
        return ["-f", "\(SourceFile.repository)/deploy/compose.yaml"] + words + exception
    }

    /// Starts a command of the stack runner and does not wait for it.
    public func start(_ words: String...) throws -> ChildProcess {
        try ChildProcess.start(
            ServiceProcess.path(of: "stack"),
            arguments: arguments(words),
            environment: Environment.all().merging(environment) { $1 },
            output: .append(path: directory.appending("command.log"))
        )
    }

    /// Sends a service a signal.
    public func signal(_ service: String, _ signal: Int32) throws {
        let row = try rows().first { $0["name"].string == service }
        guard let process = row?["process"].int else { throw StackFailure(description: "\(service) does not run") }
        try Process.send(signal, to: Int32(process))
    }

    /// Ends a service by SIGKILL, as a crash would; the supervisor starts it again.
    public func kill(_ service: String) throws {
        try signal(service, SignalQueue.kill)
        foresee(killOf: service)
    }

    /// Somebody else kills a service, once: that is no crash of its own.
    public func foresee(killOf service: String) { kills.withLock { $0[service, default: 0] += 1 } }

    /// What the supervisor notes of each service.
    private func rows() throws -> [JSON] {
        try JSON(parsing: String(decoding: File.read("\(data)/stack/state.json"), as: UTF8.self))["rows"].array
    }

    private func checkNoneCrashed() throws {
        for row in try rows() {
            guard let name = row["name"].string, let restarts = row["restarts"].int else { continue }
            guard restarts <= kills.withLock({ $0[name] ?? 0 }) else {
                throw StackFailure(description: "\(name) has ended by itself and was started again")
            }
        }
    }

    /// The token of the administrator whom the first start made.
    public func administrator() async throws -> String {
        let account = try JSON(parsing: String(decoding: File.read("\(data)/admin.json"), as: UTF8.self))
        return try await logIn(account.text("email"), password: account.text("password"))
    }
}

/// The stack did not do what a test needs of it.
public struct StackFailure: Error, CustomStringConvertible {
    /// What failed, with what the programs wrote.
    public let description: String

    /// A failure with its words.
    public init(description: String) { self.description = description }
}
