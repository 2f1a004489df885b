import FoundationEssentials
import System

/// The commands on one local stack: what the compose file describes, run below one data folder.
struct LocalStack {
    let arguments: Arguments
    let workspace: Workspace
    let compose: ComposeFile

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        let environment = Environment.all()
        workspace = try Workspace(environment["MARQUEE_DATA"] ?? ".marquee")
        let yaml = String(decoding: try File.read(arguments.composePath), as: UTF8.self)
        let outline = try ComposeFile.Outline(yaml: yaml)
        // Everything listens and is found on the loopback address; what the caller sets wins.
        var variables = ["BIND_HOST": "127.0.0.1", "DATA_ROOT": workspace.root]
        for name in outline.services { variables[Self.hostVariable(name)] = "127.0.0.1" }
        let broker = "127.0.0.1:\(ComposeFile.Outline.brokerPort(environment))"
        variables.merge(ComposeFile.Outline.addresses(broker: broker, environment)) { $1 }
        let secrets = try Secrets.ensure(outline.secretNames, in: workspace)
        variables.merge(secrets) { $1 }
        if !outline.access.users.isEmpty, environment["KAFKA_BOOTSTRAP_SERVERS"] == nil {
            try outline.access.write(to: workspace.brokerAccessPath, passwords: secrets)
            variables["BROKER_SECRETS"] = workspace.brokerAccessPath
            variables.merge(BrokerAccess.clientVariables) { $1 }
        }
        variables.merge(environment) { $1 }
        do {
            var file = try ComposeFile(yaml: yaml, variables: variables).excluding(arguments.excluded)
            if arguments.selectsServices { file = try file.selecting(arguments.services) }
            compose = arguments.adoptsCluster ? file.adoptingCluster() : file
        } catch let error as StackError {
            throw StackError.invalid("\(arguments.composePath): \(error)")
        }
    }

    /// `USER_HOST` for `user`, `MEDIA_WORKER_HOST` for `media-worker`.
    private static func hostVariable(_ service: String) -> String {
        service.uppercased().replacing("-", with: "_") + "_HOST"
    }

    // MARK: up

    func up() throws -> Int32 {
        if try workspace.isSupervised() {
            say("already running; see `stack ps`")
            return try wait()
        }
        try endOrphans()
        try refuseUsedPorts()
        try File.remove(workspace.statePath)
        let executables = try executables()
        if arguments.isForeground { return try supervise(isFollowing: true) }
        for name in executables.keys { try rotateLog(name) }
        var words = ["-f", arguments.composePath, "supervise"]
        for name in arguments.excluded.sorted() { words += ["--except", name] }
        if arguments.adoptsCluster { words.append(Arguments.adoptClusterFlag) }
        words += arguments.services
        _ = try ChildProcess.start(
            Self.ownPath(),
            arguments: words,
            environment: Environment.all(),
            output: .append(path: workspace.supervisorLogPath),
            group: .session
        )
        return try wait()
    }

    /// Runs the stack in this process until it is told to stop.
    func supervise(isFollowing: Bool) throws -> Int32 {
        for service in compose.services {
            if let path = service.environment["DATA_DIR"] { try File.createDirectory(path) }
        }
        let colours = StandardOutput.isTerminal
        var follower = LogFollower(
            services: compose.services.map(\.name),
            workspace: workspace,
            tailLines: 0,
            isColoured: colours,
            write: StandardOutput.writeLine
        )
        var supervisor = Supervisor(
            services: compose.services,
            executables: try executables(),
            workspace: workspace,
            log: { StandardOutput.writeLine("\(WallClock.system.now) \($0)") }
        )
        try supervisor.run { if isFollowing { follower.poll() } }
        return 0
    }

    private static func ownPath() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// The program of each service: `command[0]` in the programs' folder.
    private func executables() throws -> [String: String] {
        let folder = try Environment.value("MARQUEE_BIN") ?? File.directory(of: Self.ownPath())
        return try compose.services.reduce(into: [:]) { result, service in
            let program = service.command[0]
            let path = program.contains("/") ? program : "\(folder)/\(program)"
            guard File.exists(path) else {
                throw StackError.refused("\(service.name): there is no program \(path); build it first")
            }
            result[service.name] = path
        }
    }

    /// A port that another program holds would show only as a service that starts again and again.
    private func refuseUsedPorts() throws {
        let health = compose.services.compactMap { service in
            service.environment["HEALTH_PORT"].flatMap(UInt16.init).map { ($0, "\(service.name)-health") }
        }
        if let (port, name) = try health.first(where: { try PortProbe.isInUse($0.0) }) {
            let variable = Self.hostVariable(name).replacing("_HOST", with: "_PORT")
            throw StackError.refused("in use by another program: port \(port) (\(name)); stop it or set \(variable)")
        }
        let used = try compose.services.filter { try $0.port.map(PortProbe.isInUse) ?? false }
        guard used.isEmpty else {
            let list = used.map { "\($0.port ?? 0) (\($0.name))" }.joined(separator: ", ")
            let variables = used.map { Self.hostVariable($0.name).replacing("_HOST", with: "_PORT") }
            throw StackError.refused(
                "in use by another program: port \(list); stop it or set \(variables.joined(separator: ", "))"
            )
        }
    }

    /// Processes that outlived a supervisor which was killed. One is ours only if it still runs the same program.
    private func endOrphans() throws {
        for row in workspace.readState()?.rows ?? [] {
            guard let process = row.process, Self.isRunning(process, row.executable) else { continue }
            say("\(row.name): process \(process) was left over; stopping it")
            try Process.send(SignalQueue.terminate, to: process)
            let limit = Supervision.longestPauseMilliseconds
            if !poll(milliseconds: limit, { !Self.isRunning(process, row.executable) }) {
                try Process.send(SignalQueue.kill, to: process)
            }
        }
    }

    private static func isRunning(_ process: Int32, _ executable: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/exe")) == executable
    }

    /// The logs of the last run stay beside the new ones.
    private func rotateLog(_ name: String) throws {
        let path = workspace.logPath(name)
        guard File.exists(path) else { return }
        try File.remove("\(path).1")
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).1")
    }

    // MARK: down, ps, logs, restart, wait

    func down() throws -> Int32 {
        guard try workspace.isSupervised(), let state = workspace.readState() else {
            try endOrphans()
            say("not running")
            return 0
        }
        try Process.send(SignalQueue.terminate, to: state.supervisor)
        let grace = compose.services.map(\.stopGraceMilliseconds).reduce(0, +)
        guard poll(milliseconds: Int64(grace), { (try? workspace.isSupervised()) == false }) else {
            throw StackError.refused("the supervisor, process \(state.supervisor), does not end")
        }
        say("stopped")
        return 0
    }

    func list() throws -> Int32 {
        let rows = try workspace.isSupervised() ? workspace.readState()?.rows ?? [] : []
        guard !rows.isEmpty else {
            say("not running")
            return 1
        }
        func line(_ cells: [String]) -> String {
            zip(cells, [14, 11, 8, 6, 8]).map { cell, width in
                cell + String(repeating: " ", count: max(1, width - cell.count))
            }.joined()
        }
        say(line(["SERVICE", "STATE", "PROCESS", "PORT", "RESTARTS"]))
        for row in rows {
            let numbers = [row.process.map(String.init) ?? "-", row.port.map { "\($0)" } ?? "-", "\(row.restarts)"]
            say(line([row.name, row.state.rawValue] + numbers))
        }
        return rows.allSatisfy { $0.state == .ready } ? 0 : 1
    }

    func logs() throws -> Int32 {
        let known = compose.services.map(\.name) + ["stack"]
        if let unknown = arguments.services.first(where: { !known.contains($0) }) {
            throw StackError.refused("there is no service '\(unknown)'")
        }
        var follower = LogFollower(
            services: arguments.services.isEmpty ? known : arguments.services,
            workspace: workspace,
            tailLines: arguments.tailLines,
            isColoured: StandardOutput.isTerminal,
            write: StandardOutput.writeLine
        )
        let signals = try SignalQueue([SignalQueue.interrupt, SignalQueue.terminate])
        repeat { follower.poll() } while arguments.isFollowing && signals.next(timeoutMilliseconds: 200) == nil
        return 0
    }

    func restart() throws -> Int32 {
        guard !arguments.services.isEmpty else { throw StackError.refused("restart needs the name of a service") }
        for name in arguments.services {
            let rows = try workspace.isSupervised() ? workspace.readState()?.rows ?? [] : []
            guard let process = rows.first(where: { $0.name == name })?.process else {
                throw StackError.refused("'\(name)' is not running")
            }
            try Process.send(SignalQueue.terminate, to: process)
            let limit = Int64(arguments.timeoutSeconds) * 1000
            let isBack = poll(milliseconds: limit) {
                let row = workspace.readState()?.rows.first { $0.name == name }
                return row?.state == .ready && row?.process != process
            }
            guard isBack else { throw StackError.refused("\(name) is not ready; see `stack logs \(name)`") }
            say("\(name) is ready")
        }
        return 0
    }

    func wait() throws -> Int32 {
        let names = Set(compose.services.map(\.name))
        let start = MonotonicClock.nanoseconds
        let isReady = poll(milliseconds: Int64(arguments.timeoutSeconds) * 1000) {
            guard (try? workspace.isSupervised()) == true, let rows = workspace.readState()?.rows else { return false }
            return Set(rows.map(\.name)) == names && rows.allSatisfy { $0.state == .ready }
        }
        if isReady {
            say("\(names.count) services are ready after \((MonotonicClock.nanoseconds - start) / 1_000_000) ms")
            return 0
        }
        for row in workspace.readState()?.rows ?? [] where row.state != .ready {
            say("\(row.name) is \(row.state.rawValue); the end of \(workspace.logPath(row.name)):")
            var follower = LogFollower(
                services: [row.name],
                workspace: workspace,
                tailLines: 10,
                isColoured: false,
                write: StandardOutput.writeLine
            )
            follower.poll()
        }
        throw StackError.refused("not ready within \(arguments.timeoutSeconds) s; `stack logs` has more")
    }

    private func poll(milliseconds: Int64, _ condition: () -> Bool) -> Bool {
        let deadline = MonotonicClock.nanoseconds + UInt64(milliseconds) * 1_000_000
        repeat {
            if condition() { return true }
            Thread.pause(milliseconds: 20)
        } while MonotonicClock.nanoseconds < deadline
        return false
    }

    private func say(_ line: String) { StandardOutput.writeLine(line) }
}
