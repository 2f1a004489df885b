import FoundationEssentials
public import System

/// One of our executables (`broker`, `user`, …), built beside the tests, running as a child process.
///
/// Killed when the object goes. Its environment is `PATH`, `HOST`, `PORT`, `DATA_DIR` and what is given.
public final class ServiceProcess: Sendable {
    /// The product's name.
    public let name: String
    /// The port given to it.
    public let port: UInt16
    /// `http://127.0.0.1:port`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// The kernel's number of it.
    public var processID: Int32 { child.id }
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// The others, at a port where nobody is: by default they would be those of a stack on this machine.
    private static let absentServices = Dictionary(
        uniqueKeysWithValues: [
            "ANALYTICS", "AUTH", "BATCH_UPLOAD", "BOOKING", "CHAT", "COMMENT", "LIKE", "MEDIA", "NOTIFICATION", "USER",
        ].map { ("\($0)_URL", "http://127.0.0.1:1") }
    )

    /// Starts the service on a free port with a data folder of its own, unless the environment names others; through another
    /// program that becomes it, when one is given with its arguments.
    public init(
        _ name: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        through launcher: [String] = []
    ) throws {
        self.name = name
        directory = try TemporaryDirectory()
        port = try environment["PORT"].flatMap(UInt16.init) ?? PortProbe.freePort()
        var variables = [
            "PATH": Environment.value("PATH") ?? "/usr/bin:/bin", "HOST": "127.0.0.1", "PORT": String(port),
            "DATA_DIR": directory.path, "SWIFT_BACKTRACE": "enable=no",
        ].merging(Self.absentServices) { $1 }
        var words = try launcher + [Self.path(of: name)] + arguments
        if name == "broker", environment["BROKER_SECRETS"] == nil {
            let secured = try BrokerSecurity.broker(directory.appending("users.json"))
            variables.merge(secured.variables) { $1 }
            words.insert(contentsOf: secured.launcher, at: launcher.count)
        } else if name != "broker" {
            variables.merge(BrokerSecurity.variables(of: name)) { $1 }
        }
        variables.merge(environment) { $1 }
        child = try ChildProcess.start(
            words[0],
            arguments: Array(words.dropFirst()),
            environment: variables,
            output: .append(path: directory.appending("log"))
        )
    }

    deinit {
        // Already ended when it was stopped.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// The path of a product, which stands in the folder of the test program, or in that which `MARQUEE_PROGRAMS` names.
    public static func path(of product: String) throws -> String {
        if let folder = Environment.value("MARQUEE_PROGRAMS") { return "\(folder)/\(product)" }
        let test = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return "\(File.directory(of: test))/\(product)"
    }

    /// What it wrote so far.
    public var log: String { directory.read("log") }

    /// Waits for 200 from `/readyz`; throws with the end of the log when the process ends or the time is over.
    public func waitUntilReady(within seconds: Double = 20) async throws {
        let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
        while PortProbe.httpStatus(port, path: "/readyz", timeoutMilliseconds: 500) != 200 {
            let status = try child.exitStatus()
            if status != nil || MonotonicClock.nanoseconds > deadline {
                let cause = status.map { "ended with \($0)" } ?? "is not ready"
                throw Timeout(description: "\(name) \(cause): \(log.suffix(2000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends it by SIGKILL, as a crash would, and waits until it is gone.
    public func kill() async throws {
        try child.send(SignalQueue.kill, toGroup: true)
        _ = try await Command.ending(of: child, within: 5)
    }

    /// Waits until it ends by itself and returns how; killed after `seconds`.
    public func ended(within seconds: Double = 30) async throws -> ChildProcess.ExitStatus {
        try await Command.ending(of: child, within: seconds)
    }

    /// Asks it to stop (SIGTERM) and returns how it ended; killed after `seconds`.
    public func stop(within seconds: Double = 15) async throws -> ChildProcess.ExitStatus {
        try child.send(SignalQueue.terminate)
        return try await Command.ending(of: child, within: seconds)
    }
}
