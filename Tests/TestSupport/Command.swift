import FoundationEssentials
public import System

/// Runs programs to their end and hands back what they wrote.
public enum Command {
    /// What a finished program left.
    public struct Result: Sendable {
        /// How it ended.
        public let status: ChildProcess.ExitStatus
        /// Its standard output and standard error, as they came.
        public let output: String
    }

    /// Runs `executable` (found by PATH) without blocking the caller's thread; kills its group after `seconds`, which
    /// shows in the status as signal 9. `environment` is added to the test's own.
    public static func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        within seconds: Double = 60
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let variables = try Environment.all().merging(BrokerSecurity.tools(in: directory)) { $1 }
        let child = try ChildProcess.start(
            executable,
            arguments: arguments,
            environment: variables.merging(environment) { $1 },
            output: .append(path: directory.appending("output"))
        )
        let status = try await ending(of: child, within: seconds)
        return Result(status: status, output: directory.read("output"))
    }

    /// Runs a Python program (its text) with the interpreter of `MARQUEE_PYTHON`, which `make test` sets to a virtual
    /// environment that has the packages the tests need; else with `python3`.
    public static func python(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        within seconds: Double = 60
    ) async throws -> Result {
        try await run(pythonPath, ["-c", program] + arguments, environment: environment, within: seconds)
    }

    /// The Python interpreter of the tests.
    public static var pythonPath: String { Environment.value("MARQUEE_PYTHON") ?? "python3" }

    /// Waits for the end of a child, which is killed when the time is over.
    static func ending(of child: ChildProcess, within seconds: Double) async throws -> ChildProcess.ExitStatus {
        let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
        while true {
            if let status = try child.exitStatus() { return status }
            if MonotonicClock.nanoseconds > deadline { try child.send(SignalQueue.kill, toGroup: true) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
