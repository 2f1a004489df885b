import FoundationEssentials
import System

/// The files of one local stack below its data folder (`MARQUEE_DATA`, default `.marquee`).
struct Workspace {
    /// Absolute.
    let root: String

    init(_ path: String) throws {
        root = URL(filePath: path).standardizedFileURL.path
        for folder in [root, "\(root)/logs", "\(root)/stack"] { try File.createDirectory(folder) }
    }

    /// Held by the supervisor for as long as it runs.
    var lockPath: String { "\(root)/stack/lock" }
    /// The last `StackState`.
    var statePath: String { "\(root)/stack/state.json" }
    /// Generated variables.
    var secretsPath: String { "\(root)/secrets.json" }
    /// The broker's users and access rules.
    var brokerAccessPath: String { "\(root)/secrets/broker.json" }
    /// The variables that Docker Compose is given.
    var composeVariablesPath: String { "\(root)/compose.env" }
    /// The administrator's account, for people.
    var adminPath: String { "\(root)/admin.json" }
    /// What the supervisor itself says.
    var supervisorLogPath: String { logPath("stack") }

    func logPath(_ service: String) -> String { "\(root)/logs/\(service).log" }

    /// Whether a supervisor works on this folder.
    func isSupervised() throws -> Bool {
        do {
            _ = try FileLock(lockPath)
            return false
        } catch let error as SystemError where error.operation == "flock" {
            return true
        }
    }

    func readState() -> StackState? {
        guard let bytes = try? File.read(statePath) else { return nil }  // none yet
        return try? JSONDecoder().decode(StackState.self, from: Data(bytes))
    }

    func write(_ state: StackState) throws {
        try File.replace(statePath, with: Array(try JSONEncoder().encode(state)))
    }
}

/// What the supervisor last wrote about the stack, for the other commands.
struct StackState: Codable, Equatable {
    struct Row: Codable, Equatable {
        let name: String
        let state: Supervision.State
        let process: Int32?
        let executable: String
        let port: UInt16?
        let restarts: Int
    }

    let supervisor: Int32
    let rows: [Row]
}
