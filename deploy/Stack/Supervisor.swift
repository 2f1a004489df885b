import System

/// Runs a stack until it is told to stop: does what `Supervision` says and reports to it. One thread, no event loop.
struct Supervisor {
    private let workspace: Workspace
    private let executables: [String: String]
    private let log: (String) -> Void
    private var supervision: Supervision
    private var children: [String: ChildProcess] = [:]
    private var written: StackState?

    /// How long one look waits for a signal while something is starting or stopping, and while all is quiet.
    private static let busyTickMilliseconds = 10
    private static let quietTickMilliseconds = 500
    private static let lockAttempts = 25
    /// A probe may hold the others up only this long.
    private static let probeLimitMilliseconds = 500

    /// `executables` has the path of each service's program.
    init(
        services: [Service],
        executables: [String: String],
        workspace: Workspace,
        log: @escaping (String) -> Void
    ) {
        self.workspace = workspace
        self.executables = executables
        self.log = log
        supervision = Supervision(services)
    }

    /// Starts the stack and returns after SIGTERM or SIGINT, when every process has ended. `tick` is called at each
    /// look.
    mutating func run(tick: () -> Void = {}) throws {
        let lock = try takeLock()
        let signals = try SignalQueue([SignalQueue.terminate, SignalQueue.interrupt, SignalQueue.child])
        while !supervision.areAllStopped {
            try collectExits()
            let now = Self.now
            for action in supervision.step(now: now) { try perform(action, now) }
            try writeState()
            tick()
            let pause =
                supervision.areAllReady && !supervision.isStopping
                ? Self.quietTickMilliseconds : Self.busyTickMilliseconds
            let signal = signals.next(timeoutMilliseconds: pause)
            if signal == SignalQueue.terminate || signal == SignalQueue.interrupt {
                log("stopping")
                supervision.stop()
            }
        }
        try writeState()
        log("stopped")
        withExtendedLifetime(lock) {}
    }

    /// Another command that looks whether the lock is free holds it for a moment.
    private func takeLock() throws -> FileLock {
        for _ in 0..<Self.lockAttempts {
            if let lock = try? FileLock(workspace.lockPath) { return lock }
            Thread.pause(milliseconds: 20)
        }
        return try FileLock(workspace.lockPath)
    }

    private static var now: Int64 { Int64(MonotonicClock.nanoseconds / 1_000_000) }

    private mutating func collectExits() throws {
        for (name, child) in children {
            guard let status = try child.exitStatus() else { continue }
            children[name] = nil
            supervision.exited(name, status: status, now: Self.now)
            log("\(name) ended: \(status)")
        }
    }

    private mutating func perform(_ action: Supervision.Action, _ now: Int64) throws {
        switch action {
        case .start(let name):
            start(name, now)
        case .probe(let name):
            guard let health = supervision.entries[name]?.service.health else { return }
            let limit = min(health.timeoutMilliseconds, Self.probeLimitMilliseconds)
            let before = supervision.entries[name]?.state
            supervision.probed(name, succeeded: health.probe.succeeds(timeoutMilliseconds: limit), now: Self.now)
            if let after = supervision.entries[name]?.state, after != before {
                log("\(name) is \(after.rawValue) after \(Self.now - (supervision.entries[name]?.startedAt ?? 0)) ms")
            }
        case .terminate(let name):
            try children[name]?.send(SignalQueue.terminate)
        case .kill(let name):
            log("\(name) does not stop: killed")
            try children[name]?.send(SignalQueue.kill, toGroup: true)
        }
    }

    private mutating func start(_ name: String, _ now: Int64) {
        guard let service = supervision.entries[name]?.service, let executable = executables[name] else { return }
        do {
            let child = try ChildProcess.start(
                executable,
                arguments: Array(service.command.dropFirst()),
                environment: service.environment.merging(["PATH": Environment.value("PATH") ?? "/usr/bin:/bin"]) { $1 },
                output: .append(path: workspace.logPath(name))
            )
            children[name] = child
            supervision.started(name, process: child.id, now: now)
            log("\(name) started, process \(child.id)")
        } catch {
            supervision.startFailed(name)
            log("\(name) cannot be started: \(error)")
        }
    }

    private mutating func writeState() throws {
        let rows = supervision.entries.values.map { entry in
            StackState.Row(
                name: entry.service.name,
                state: entry.state,
                process: entry.process,
                executable: executables[entry.service.name] ?? "",
                port: entry.service.port,
                restarts: entry.restarts
            )
        }
        let state = StackState(supervisor: Process.identifier, rows: rows.sorted { $0.name < $1.name })
        guard state != written else { return }
        try workspace.write(state)
        written = state
    }
}
