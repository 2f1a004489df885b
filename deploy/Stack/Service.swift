/// One service of a compose file.
struct Service: Equatable {
    /// When a service that depends on another may start.
    enum Condition: String {
        case started = "service_started"
        case healthy = "service_healthy"
    }

    /// What happens when the process ends by itself.
    enum RestartPolicy: String {
        case no
        case always
        case onFailure = "on-failure"
        case unlessStopped = "unless-stopped"
    }

    let name: String
    var command: [String]
    let environment: [String: String]
    var dependencies: [String: Condition]
    let health: HealthCheck?
    let restart: RestartPolicy
    let stopGraceMilliseconds: Int

    /// Compose's own default.
    static let defaultStopGraceMilliseconds = 10_000

    /// The port it is to listen on, by the `PORT` of its environment.
    var port: UInt16? { environment["PORT"].flatMap(UInt16.init) }

    /// Keys that only containers need are known and unused.
    private static let knownKeys: Set<String> = [
        "build", "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image", "logging",
        "ports", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs", "volumes",
    ]

    init(name: String, value: Value) throws {
        let members = try value.members(name)
        try ComposeFile.refuseUnknown(members, known: Self.knownKeys, in: name)
        guard let command = try members["command"]?.strings("\(name).command"), !command.isEmpty else {
            throw StackError.invalid("\(name): the native runner needs a command, as a list")
        }
        self.name = name
        self.command = command
        environment = try members["environment"].map { try Self.environment($0, "\(name).environment") } ?? [:]
        dependencies = try members["depends_on"].map { try Self.dependencies($0, "\(name).depends_on") } ?? [:]
        health = try members["healthcheck"].map { try HealthCheck($0, "\(name).healthcheck") }
        let policy = try members["restart"]?.text("\(name).restart") ?? RestartPolicy.no.rawValue
        guard let restart = RestartPolicy(rawValue: policy) else {
            throw StackError.invalid("\(name).restart: '\(policy)' is not known")
        }
        self.restart = restart
        stopGraceMilliseconds =
            try members["stop_grace_period"]?.milliseconds("\(name).stop_grace_period")
            ?? Self.defaultStopGraceMilliseconds
    }

    /// Empty values are left out: unset and empty are the same to every service.
    private static func environment(_ value: Value, _ place: String) throws -> [String: String] {
        try value.members(place).reduce(into: [:]) { result, member in
            let text = try member.value.text("\(place).\(member.key)")
            if !text.isEmpty { result[member.key] = text }
        }
    }

    private static func dependencies(_ value: Value, _ place: String) throws -> [String: Condition] {
        if case .list = value {
            return Dictionary(uniqueKeysWithValues: try value.strings(place).map { ($0, .started) })
        }
        return try value.members(place).mapValues { entry in
            let text = try entry.members(place)["condition"]?.text(place) ?? Condition.started.rawValue
            guard let condition = Condition(rawValue: text) else {
                throw StackError.invalid("\(place): the condition '\(text)' is not known")
            }
            return condition
        }
    }
}
