import System

/// Which process of the stack is to be started, asked, or stopped next: a state machine without I/O. Times are
/// milliseconds of a clock that only goes forward.
///
/// A service starts when what it depends on is there, is asked until it is ready, and starts again with a growing pause
/// when it ends by itself. On the way down a service stops only after all that depend on it.
struct Supervision {
    /// What the shell has to do.
    enum Action: Equatable {
        case start(String)
        case probe(String)
        case terminate(String)
        case kill(String)
    }

    enum State: String, Codable {
        case waiting, starting, ready, unhealthy, restarting, stopping, stopped, failed
    }

    struct Entry {
        let service: Service
        var state: State = .waiting
        var process: Int32?
        var restarts = 0
        var startedAt: Int64 = 0
        fileprivate var crashesInARow = 0
        fileprivate var failedProbes = 0
        /// When the next probe, start or kill is due, by state.
        fileprivate var due: Int64 = 0
    }

    /// A service that is starting is asked this often.
    static let startProbeMilliseconds: Int64 = 25
    /// The first pause before a crashed service starts again; it doubles up to the longest.
    static let firstPauseMilliseconds: Int64 = 100
    static let longestPauseMilliseconds: Int64 = 10_000
    /// A service that was up this long has recovered: its next crash counts as the first.
    static let recoveryMilliseconds: Int64 = 30_000

    private(set) var entries: [String: Entry]
    private(set) var isStopping = false

    init(_ services: [Service]) {
        entries = Dictionary(uniqueKeysWithValues: services.map { ($0.name, Entry(service: $0)) })
    }

    var areAllReady: Bool { entries.values.allSatisfy { $0.state == .ready } }
    var areAllStopped: Bool { entries.values.allSatisfy { $0.process == nil } && isStopping }

    /// What is due now, in order of name.
    mutating func step(now: Int64) -> [Action] {
        entries.keys.sorted().compactMap { name in
            guard var entry = entries[name] else { return nil }
            let action = isStopping ? stopAction(&entry, now) : runAction(&entry, now)
            entries[name] = entry
            return action
        }
    }

    private func runAction(_ entry: inout Entry, _ now: Int64) -> Action? {
        let name = entry.service.name
        switch entry.state {
        case .waiting where entry.service.dependencies.allSatisfy(isMet):
            return .start(name)
        case .restarting where now >= entry.due:
            return .start(name)
        case .starting where now >= entry.due:
            entry.due = now + Self.startProbeMilliseconds
            return .probe(name)
        case .ready where now >= entry.due, .unhealthy where now >= entry.due:
            guard let health = entry.service.health else { return nil }
            entry.due = now + Int64(health.intervalMilliseconds)
            return .probe(name)
        default:
            return nil
        }
    }

    private func isMet(_ name: String, _ condition: Service.Condition) -> Bool {
        guard let entry = entries[name] else { return false }
        return condition == .healthy ? entry.state == .ready : entry.process != nil
    }

    private func stopAction(_ entry: inout Entry, _ now: Int64) -> Action? {
        let name = entry.service.name
        guard entry.process != nil else {
            entry.state = entry.state == .failed ? .failed : .stopped
            return nil
        }
        if entry.state != .stopping {
            let isNeeded = entries.values.contains { $0.process != nil && $0.service.dependencies[name] != nil }
            guard !isNeeded else { return nil }
            entry.state = .stopping
            entry.due = now + Int64(entry.service.stopGraceMilliseconds)
            return .terminate(name)
        }
        guard now >= entry.due else { return nil }
        entry.due = now + Self.longestPauseMilliseconds
        return .kill(name)
    }

    /// The process of a service runs.
    mutating func started(_ name: String, process: Int32, now: Int64) {
        update(name) { entry in
            entry.process = process
            entry.startedAt = now
            entry.failedProbes = 0
            entry.due = now
            entry.state = entry.service.health == nil ? .ready : .starting
        }
    }

    /// The process could not even be started.
    mutating func startFailed(_ name: String) {
        update(name) { $0.state = .failed }
    }

    /// The answer to a probe.
    mutating func probed(_ name: String, succeeded: Bool, now: Int64) {
        update(name) { entry in
            guard let health = entry.service.health, entry.process != nil, entry.state != .stopping else { return }
            guard !succeeded else {
                entry.failedProbes = 0
                if entry.state != .ready { entry.due = now + Int64(health.intervalMilliseconds) }
                entry.state = .ready
                return
            }
            entry.failedProbes += 1
            let patience =
                entry.state == .starting
                ? now - entry.startedAt
                    > Int64(health.startPeriodMilliseconds + health.retries * health.intervalMilliseconds)
                : entry.failedProbes >= health.retries
            if patience { entry.state = .unhealthy }
        }
    }

    /// The process of a service has ended. One that returned 0 was asked to, so it starts again without a pause.
    mutating func exited(_ name: String, status: ChildProcess.ExitStatus, now: Int64) {
        let isStopping = isStopping
        update(name) { entry in
            entry.process = nil
            if isStopping {
                entry.state = .stopped
                return
            }
            let isRestarted =
                switch entry.service.restart {
                case .always, .unlessStopped: true
                case .onFailure: !status.isSuccess
                case .no: false
                }
            guard isRestarted else {
                entry.state = status.isSuccess ? .stopped : .failed
                return
            }
            entry.state = .restarting
            entry.restarts += 1
            if now - entry.startedAt > Self.recoveryMilliseconds || status.isSuccess { entry.crashesInARow = 0 }
            if !status.isSuccess { entry.crashesInARow += 1 }
            entry.due = now + Self.pause(afterCrashes: entry.crashesInARow)
        }
    }

    /// From now on everything stops, last started first.
    mutating func stop() {
        isStopping = true
    }

    private static func pause(afterCrashes count: Int) -> Int64 {
        guard count > 0 else { return 0 }
        return min(firstPauseMilliseconds << Int64(min(count - 1, 16)), longestPauseMilliseconds)
    }

    private mutating func update(_ name: String, _ change: (inout Entry) -> Void) {
        guard var entry = entries[name] else { return }
        change(&entry)
        entries[name] = entry
    }
}
