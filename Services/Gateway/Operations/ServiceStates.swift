import FoundationEssentials
import HTTPCore
import Reactor
import ServiceKit
import System
import Telemetry

/// What each process of the stack says of itself at `/readyz?verbose`.
struct ServiceStates: Sendable {
    /// Until a process must have answered.
    private static let timeout = Duration.seconds(2)

    /// A process and where its health is.
    struct Instance: Sendable {
        let name: String
        let url: String
    }

    /// One row of the answer.
    struct State: Codable, Sendable {
        var name: String
        /// `ready`, `not ready`, `stopping`, or `unreachable`.
        var state: String
        var version: String?
        var memoryBytes: Int?
        var startedAt: Timestamp?
        /// Each check with its word.
        var checks: [String: String]?

        enum CodingKeys: String, CodingKey {
            case memoryBytes = "memory_bytes"
            case startedAt = "started_at"
            case name, state, version, checks
        }
    }

    private struct Report: Decodable {
        var status: String
        var checks: [String: String]?
        var process: ProcessReport?
    }

    let instances: [Instance]
    let client: InternalClient
    let logger: Logger

    /// All of them at once, in the order of the list. On an event loop.
    func read(on loop: EventLoop) async -> [State] {
        await withTaskGroup(of: (Int, State).self) { group in
            for (index, instance) in instances.enumerated() {
                group.addTask(executorPreference: loop) { (index, await state(of: instance)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func state(of instance: Instance) async -> State {
        do {
            let url = instance.url + "/readyz?verbose"
            let answer = try await client.send(.get, url, within: Self.timeout)
            let report = try JSONDecoder().decode(Report.self, from: Data(answer.body))
            return State(
                name: instance.name,
                state: report.status,
                version: report.process?.version,
                memoryBytes: report.process?.memoryBytes,
                startedAt: report.process?.startedAt,
                checks: report.checks
            )
        } catch {
            logger.info("a process does not answer", metadata: ["name": "\(instance.name)", "error": "\(error)"])
            return State(name: instance.name, state: "unreachable")
        }
    }
}
