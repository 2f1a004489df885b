import FoundationEssentials
import System

/// The same stack in containers, where Docker Compose is the supervisor: what it has to be told, and what the broker's
/// container does before the broker.
struct ContainerStack {
    private let outline: ComposeFile.Outline

    /// Where the broker's container keeps users and rules: in its own volume, so that rules of clients stay.
    static let accessPath = "/data/access.json"
    /// Where the other containers find the broker: by name, for its address changes with its container, and by a port of
    /// their own, because clients of this machine do not know that name.
    static let brokerAddress = "broker:29092"

    init(_ arguments: Arguments) throws {
        outline = try ComposeFile.Outline(yaml: String(decoding: try File.read(arguments.composePath), as: UTF8.self))
    }

    /// `stack secrets`: writes the file for `docker compose --env-file`. Secrets that were made before, by `stack up`
    /// too, stay as they are.
    func writeVariables() throws -> Int32 {
        let environment = Environment.all()
        let workspace = try Workspace(environment["MARQUEE_DATA"] ?? ".marquee")
        let secrets = try Secrets.ensure(outline.secretNames, in: workspace)
        let text = try Self.variables(secrets, environment: environment)
        try File.replace(workspace.composeVariablesPath, with: Array(text.utf8), mode: 0o600)
        StandardOutput.writeLine(workspace.composeVariablesPath)
        return 0
    }

    /// `stack exec PROGRAM`: in the broker's container `BROKER_PASSWORDS` has the passwords of all services, and
    /// `BROKER_SECRETS` says where the broker wants them.
    func become(_ words: [String]) throws -> Never {
        guard let program = words.first else { throw StackError.refused("exec takes a program") }
        if let path = Environment.value("BROKER_SECRETS"), !path.isEmpty {
            try outline.access.write(to: path, passwords: Self.passwords(Environment.value("BROKER_PASSWORDS") ?? ""))
        }
        try Process.become(program, arguments: Array(words.dropFirst()))
    }

    /// `BROKER_PASSWORDS` taken apart: `AUTH_KAFKA_PASSWORD=…,USER_KAFKA_PASSWORD=…`.
    private static func passwords(_ text: String) -> [String: String] {
        text.split(separator: ",").reduce(into: [:]) { result, entry in
            let parts = entry.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        }
    }

    /// The file's text; values stand in single quotes, between which Compose takes everything as it is.
    static func variables(_ secrets: [String: String], environment: [String: String]) throws -> String {
        var values = secrets.merging(ComposeFile.Outline.addresses(broker: brokerAddress, environment)) { $1 }
        values["COMPOSE_PROJECT_NAME"] = "marquee"
        if environment["KAFKA_BOOTSTRAP_SERVERS"] == nil {
            values["BROKER_SECRETS"] = accessPath
            let passwords = secrets.filter { $0.key.hasSuffix(BrokerAccess.passwordSuffix) }
            values["BROKER_PASSWORDS"] = passwords.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ",")
            let outside = "127.0.0.1:\(ComposeFile.Outline.brokerPort(environment))"
            values["ADVERTISED_LISTENERS"] = environment["ADVERTISED_LISTENERS"] ?? "\(brokerAddress),\(outside)"
            values.merge(BrokerAccess.clientVariables) { $1 }
        }
        return try values.sorted { $0.key < $1.key }.reduce(into: "") { text, member in
            guard !member.value.contains(where: { $0 == "'" || $0.isNewline }) else {
                throw StackError.refused(
                    "\(member.key) has a quote or a line end, which Docker Compose cannot be given"
                )
            }
            text += "\(member.key)='\(member.value)'\n"
        }
    }
}
