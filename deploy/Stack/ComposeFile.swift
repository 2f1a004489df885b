/// The part of a compose file that this runner understands. A key it does not know is an error, not a surprise later;
/// keys that only containers need (`image`, `ports`, `read_only`, …) are accepted and unused, `x-…` keys are free.
/// Source: Compose specification.
struct ComposeFile: Equatable {
    /// Its services in order of name.
    let services: [Service]

    /// What has to be known before variables can be put in.
    struct Outline: Equatable {
        /// Names of the services, in order.
        let services: [String]
        /// Names of variables that get a random value at the first start (`x-generated-secrets`).
        let generatedSecrets: [String]
        /// Who may write to which topic (`x-topic-writers`) and join which group (`x-group-members`).
        let access: BrokerAccess

        /// The port at which clients on this machine find the broker.
        static func brokerPort(_ environment: [String: String]) -> String { environment["BROKER_PORT"] ?? "9092" }

        /// Addresses for everyone; what the caller sets wins.
        static func addresses(broker: String, _ environment: [String: String]) -> [String: String] {
            [
                "KAFKA_BOOTSTRAP_SERVERS": broker,
                "PUBLIC_URL": "http://127.0.0.1:\(environment["GATEWAY_PORT"] ?? "8080")",
            ].merging(environment.filter { ["KAFKA_BOOTSTRAP_SERVERS", "PUBLIC_URL"].contains($0.key) }) { $1 }
        }

        /// Every variable that gets a random value: the generated secrets and the passwords at the broker.
        var secretNames: [String] { generatedSecrets + access.users.map(BrokerAccess.passwordVariable) }

        init(yaml: String) throws {
            let members = try Value.parse(YAML.json(from: yaml)).members("the file")
            services = try members["services"]?.members("services").keys.sorted() ?? []
            generatedSecrets = try members["x-generated-secrets"]?.strings("x-generated-secrets") ?? []
            func servicesBy(_ key: String) throws -> [String: [String]] {
                try members[key]?.members(key).mapValues { try $0.strings(key) } ?? [:]
            }
            access = BrokerAccess(
                writers: try servicesBy("x-topic-writers"),
                members: try servicesBy("x-group-members")
            )
        }
    }

    /// Parses YAML and puts the variables in.
    init(yaml: String, variables: [String: String]) throws {
        let interpolation = Interpolation(variables: variables)
        let members = try Value.parse(YAML.json(from: yaml)).members("the file")
        try Self.refuseUnknown(members, known: ["name", "services", "volumes", "networks"], in: "the file")
        guard let list = members["services"] else { throw StackError.invalid("the file has no services") }
        services = try list.members("services").sorted { $0.key < $1.key }.map { name, value in
            try Service(name: name, value: value.interpolated(by: interpolation))
        }
        try refuseMissingDependencies()
    }

    /// Only the named services and what they wait for.
    func selecting(_ names: [String]) throws -> ComposeFile {
        try refuseUnknown(names)
        var selected: Set<String> = []
        var open = names
        while let name = open.popLast() {
            guard selected.insert(name).inserted else { continue }
            open += services.first { $0.name == name }?.dependencies.keys.map(\.self) ?? []
        }
        return ComposeFile(services: services.filter { selected.contains($0.name) })
    }

    /// The same without some services: nothing waits for them any more.
    func excluding(_ names: Set<String>) throws -> ComposeFile {
        try refuseUnknown(names.sorted())
        let kept = services.filter { !names.contains($0.name) }.map { service in
            var service = service
            service.dependencies = service.dependencies.filter { !names.contains($0.key) }
            return service
        }
        return ComposeFile(services: kept)
    }

    /// The same with all clients of the broker told that the events have moved there from another.
    func adoptingCluster() -> ComposeFile {
        let told = services.map { service in
            guard service.environment["KAFKA_BOOTSTRAP_SERVERS"] != nil else { return service }
            var service = service
            service.command.append(Arguments.adoptClusterFlag)
            return service
        }
        return ComposeFile(services: told)
    }

    private init(services: [Service]) {
        self.services = services
    }

    static func refuseUnknown(_ members: [String: Value], known: Set<String>, in place: String) throws {
        for key in members.keys.sorted() where !known.contains(key) && !key.hasPrefix("x-") {
            throw StackError.invalid("\(place): the key '\(key)' is not known to the native runner")
        }
    }

    private func refuseUnknown(_ names: [String]) throws {
        if let unknown = names.first(where: { name in !services.contains { $0.name == name } }) {
            throw StackError.refused("there is no service '\(unknown)'")
        }
    }

    /// Also refuses circles: in one, no service could ever start.
    private func refuseMissingDependencies() throws {
        let byName = Dictionary(uniqueKeysWithValues: services.map { ($0.name, $0) })
        var finished: Set<String> = []
        func visit(_ service: Service, path: [String]) throws {
            guard !finished.contains(service.name) else { return }
            guard !path.contains(service.name) else {
                throw StackError.invalid(
                    "services wait for each other: \((path + [service.name]).joined(separator: " → "))"
                )
            }
            for name in service.dependencies.keys.sorted() {
                guard let next = byName[name] else {
                    throw StackError.invalid("\(service.name): depends on '\(name)', which does not exist")
                }
                try visit(next, path: path + [service.name])
            }
            finished.insert(service.name)
        }
        for service in services { try visit(service, path: []) }
    }
}
