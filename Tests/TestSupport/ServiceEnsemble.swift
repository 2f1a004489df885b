import Synchronization
public import System

/// The programs of the stack without a supervisor, so that a test starts and stops each of them when it likes, under a
/// clock that it sets. Ports and data stay the same from start to start. One task at a time.
public final class ServiceEnsemble: Installation {
    /// Every program, in an order in which each finds what it needs.
    public static let services = [
        "broker", "user", "auth", "media", "batch-upload", "like", "notification", "booking", "analytics", "comment",
        "chat", "gateway",
    ]
    private static let administratorPassword = "correct horse battery admin"

    /// The clock of all programs that have none of their own.
    public let clock: TestClock
    private let directory: TemporaryDirectory
    private let ports: [String: UInt16]
    private let variables: [String: String]
    private let running = Mutex<[String: ServiceProcess]>([:])
    private let logs = Mutex<[String: String]>([:])

    /// Nothing runs yet. `variables` are added to the environment of all programs.
    public init(_ variables: [String: String] = [:]) async throws {
        clock = try await TestClock()
        directory = try TemporaryDirectory()
        ports = try Dictionary(uniqueKeysWithValues: Self.services.map { ($0, try PortProbe.freePort()) })
        self.variables = variables
    }

    /// Where the programs keep their data: each in a folder of its name.
    public var data: String { directory.path }
    /// The gateway.
    public var url: String { url(of: "gateway") }
    /// Where the events are: host and port.
    public var broker: String { "127.0.0.1:\(ports["broker"] ?? 0)" }

    /// A service itself, past the gateway.
    public func url(of service: String) -> String { "http://127.0.0.1:\(ports[service] ?? 0)" }

    /// The token of the administrator.
    public func administrator() async throws -> String {
        try await logIn("admin@example.com", password: Self.administratorPassword)
    }

    /// Starts programs in this order without waiting for any. `variables` stand in for those of the ensemble.
    public func start(
        _ services: [String] = ServiceEnsemble.services,
        arguments: [String] = [],
        variables: [String: String] = [:],
        clock: TestClock? = nil
    ) throws {
        for service in services {
            let environment = try environment(of: service).merging(variables) { $1 }
                .merging((clock ?? self.clock).environment) { $1 }
            let process = try ServiceProcess(service, arguments: arguments, environment: environment)
            running.withLock { $0[service] = process }
        }
    }

    /// Waits until all that run are ready. Throws when one has ended.
    public func waitUntilReady(within seconds: Double = 30) async throws {
        for service in Self.services where service != "broker" {
            try await running.withLock { $0[service] }?.waitUntilReady(within: seconds)
        }
    }

    /// Asks programs to stop, all at once, and expects that they do so in good order.
    public func stop(_ services: [String] = ServiceEnsemble.services) async throws {
        try await withThrowingTaskGroup { group in
            for service in services {
                guard let process = running.withLock({ $0.removeValue(forKey: service) }) else { continue }
                group.addTask { try await self.stop(process) }
            }
            try await group.waitForAll()
        }
    }

    private func stop(_ process: ServiceProcess) async throws {
        let status = try await process.stop(within: 30)
        logs.withLock { $0[process.name, default: ""] += process.log }
        guard status.isSuccess else {
            throw StackFailure(description: "\(process.name): \(status)\n\(process.log.suffix(2000))")
        }
    }

    /// Waits until a program ends by itself; how, and what it wrote.
    public func ending(of service: String, within seconds: Double = 30) async throws -> (
        status: ChildProcess.ExitStatus, log: String
    ) {
        guard let process = running.withLock({ $0.removeValue(forKey: service) }) else {
            throw StackFailure(description: "\(service) does not run")
        }
        return (try await process.ended(within: seconds), process.log)
    }

    /// What a service wrote in all its runs.
    public func log(of service: String) -> String {
        let present = running.withLock { $0[service]?.log } ?? ""
        return logs.withLock { $0[service] ?? "" } + present
    }

    private func environment(of service: String) throws -> [String: String] {
        let folder = directory.appending(service == "broker" ? "broker" : "services")
        try File.createDirectory(folder)
        var environment = [
            "PORT": "\(ports[service] ?? 0)", "DATA_DIR": folder, "KAFKA_BOOTSTRAP_SERVERS": broker,
            "MARQUEE_ADMIN_EMAIL": "admin@example.com", "MARQUEE_ADMIN_PASSWORD": Self.administratorPassword,
            "TRUSTED_PROXIES": "127.0.0.0/8", "RETENTION_CHECK_SECONDS": "1",
            "SHUTDOWN_SECONDS": "4",
        ]
        for other in Self.services where other != "broker" && other != "gateway" {
            environment["\(other.uppercased().replacing("-", with: "_"))_URL"] = url(of: other)
        }
        return environment.merging(variables) { $1 }
    }
}
