import System
import TestSupport

/// The `broker` program as a process, with data that outlives it.
final class RunningBroker: Sendable {
    /// A client that ended with an error, with what it and the broker said.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let process: ServiceProcess
    var address: String { "127.0.0.1:\(process.port)" }

    init(data: String? = nil, port: UInt16? = nil, environment: [String: String] = [:]) async throws {
        var variables = environment
        if let data { variables["DATA_DIR"] = data }
        if let port { variables["PORT"] = String(port) }
        process = try ServiceProcess("broker", environment: variables)
        let port = process.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    /// Runs kcat against it; `input` goes in as lines through a shell.
    func kcat(_ arguments: String, input: String? = nil, within seconds: Double = 30) async throws -> String {
        let feed = input.map { "printf '%s\\n' \($0) | " } ?? ""
        let result = try await Command.run("sh", ["-c", "\(feed)kcat -q -b \(address) \(arguments)"], within: seconds)
        guard result.status.isSuccess else {
            throw Failure(
                description: "kcat \(arguments): \(result.status) \(result.output) \(process.log.suffix(1000))"
            )
        }
        return result.output
    }

    /// Runs kcat as a user of the broker.
    func kcat(_ arguments: String, as user: String, _ password: String) async throws -> String {
        let sasl = "-X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN"
        return try await kcat("\(sasl) -X sasl.username=\(user) -X sasl.password=\(password) \(arguments)")
    }

    /// Runs a Python program with the broker's address as its first argument; throws unless it succeeds.
    func python(_ program: String, within seconds: Double = 60) async throws -> String {
        let result = try await Command.python(program, [address], within: seconds)
        guard result.status.isSuccess else {
            throw Failure(description: "\(result.status) \(result.output) \(process.log.suffix(1000))")
        }
        return result.output
    }
}
