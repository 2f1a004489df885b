import Reactor
import Security
import System

/// `broker topics|groups|configs|acls|users|quotas VERB …`: asks and changes a running broker by its own protocol.
enum AdminCommand: String, CaseIterable {
    case topics
    case groups
    case configs
    case acls
    case users
    case quotas

    /// What every subcommand is given.
    struct Context {
        let broker: AdminConnection
        let arguments: AdminArguments

        func write(_ table: AdminTable) throws { try table.write(asJSON: arguments.has("json")) }

        /// Says what was done, to people.
        func done(_ text: String) {
            if !arguments.has("json") { StandardOutput.writeLine(text) }
        }
    }

    static let help = """
        usage: broker                                    serve
               broker dump-log FILE...                   print segments
               broker topics  list | describe NAME... | delete NAME...
                              create NAME [--partitions N] [--set KEY=VALUE]...
                              alter NAME [--partitions N] [--set KEY=VALUE]... [--unset KEY]...
               broker groups  list [--state STATE] | describe NAME... | delete NAME...
                              reset NAME TOPIC --earliest | --latest | --offset N | --time MILLISECONDS
                              forget NAME TOPIC
               broker configs describe topic NAME [--all] | describe broker [--all]
                              alter topic NAME|broker [--set KEY=VALUE]... [--unset KEY]...
               broker acls    list
                              add|delete topic|group|cluster|transactionalID NAME --principal User:NAME
                                         --operation OPERATION... [--prefixed] [--deny] [--host ADDRESS]
               broker users   list | set NAME --password-file FILE | delete NAME
               broker quotas  list
                              set|delete [--user NAME] [--client-id NAME] [--ip ADDRESS] --set KEY=N... | --unset KEY...
                              (the NAME "" stands for all that have no quota of their own)

        --bootstrap HOST:PORT   the broker (KAFKA_BOOTSTRAP_SERVERS, else 127.0.0.1:9092)
        --login NAME            authenticate (KAFKA_SASL_USERNAME), with the password in the file
        --login-password-file FILE               or in KAFKA_SASL_PASSWORD
        --tls                   connect by TLS (KAFKA_SECURITY_PROTOCOL=SSL or SASL_SSL)
        --ca FILE               and believe these authorities (KAFKA_SSL_CA_LOCATION), not the system's
        --cert FILE --key FILE  and show this certificate (KAFKA_SSL_CERTIFICATE_LOCATION, KAFKA_SSL_KEY_LOCATION)
        --json                  print JSON
        Exit codes: 0 done, 1 refused or not reachable, 2 wrong usage.
        """

    private static let options: Set<String> = [
        "bootstrap", "login", "login-password-file", "partitions", "set", "unset", "state", "offset", "time",
        "principal", "operation", "host", "password-file", "user", "client-id", "ip", "ca", "cert", "key",
    ]

    /// Runs the words after `broker`; returns the exit code.
    static func run(_ words: [String]) async -> Int32 {
        do {
            var words = words[...]
            guard let name = words.popFirst(), let command = AdminCommand(rawValue: name) else {
                throw AdminError.usage("unknown subcommand")
            }
            let arguments = try AdminArguments(words.dropFirst(), options: options)
            guard let verb = words.first, !arguments.has("help"), !verb.hasPrefix("--") else {
                StandardOutput.writeLine(help)
                return words.isEmpty ? 2 : 0
            }
            try await command.run(verb, arguments)
            return 0
        } catch let error as AdminError {
            StandardError.write(Array("broker: \(error)\n".utf8))
            if case .usage = error { StandardError.write(Array("broker --help tells more\n".utf8)) }
            return error.exitCode
        } catch {
            StandardError.write(Array("broker: \(error)\n".utf8))
            return 1
        }
    }

    private func run(_ verb: String, _ arguments: AdminArguments) async throws {
        let bootstrap =
            arguments.value("bootstrap") ?? Environment.value("KAFKA_BOOTSTRAP_SERVERS")?.split(separator: ",").first
            .map(String.init) ?? "127.0.0.1:9092"
        let (tls, login) = (try Self.tls(arguments), try Self.login(arguments))
        let loops = try EventLoopGroup()
        let loop = loops.loops[0]
        // The process ends with the command: its loop need not.
        try await loop.run {
            let broker = try await AdminConnection.open(bootstrap, tls: tls, login: login, on: loop)
            defer { broker.close() }
            let context = Context(broker: broker, arguments: arguments)
            switch self {
            case .topics: try await TopicCommands.run(verb, context)
            case .groups: try await GroupCommands.run(verb, context)
            case .configs: try await ConfigCommands.run(verb, context)
            case .acls: try await AccessCommands.run(verb, context)
            case .users: try await UserCommands.run(verb, context)
            case .quotas: try await QuotaCommands.run(verb, context)
            }
        }
    }

    /// TLS, when anything says that it is wanted.
    private static func tls(_ arguments: AdminArguments) throws -> TLSClientContext? {
        let isAsked = arguments.has("tls") || Environment.value("KAFKA_SECURITY_PROTOCOL")?.hasSuffix("SSL") == true
        let authorities = arguments.value("ca") ?? Environment.value("KAFKA_SSL_CA_LOCATION")
        let certificate = arguments.value("cert") ?? Environment.value("KAFKA_SSL_CERTIFICATE_LOCATION")
        let key = arguments.value("key") ?? Environment.value("KAFKA_SSL_KEY_LOCATION")
        guard isAsked || authorities != nil || certificate != nil || key != nil else { return nil }
        do throws(TLSError) {
            return try TLSClientContext(authorities: authorities, certificate: certificate, key: key)
        } catch {
            throw AdminError.usage("\(error)")
        }
    }

    private static func login(_ arguments: AdminArguments) throws -> (user: String, password: String)? {
        guard let user = arguments.value("login") ?? Environment.value("KAFKA_SASL_USERNAME"), !user.isEmpty else {
            return nil
        }
        if let path = arguments.value("login-password-file") { return (user, try password(in: path)) }
        guard let password = Environment.value("KAFKA_SASL_PASSWORD") else {
            throw AdminError.usage("--login needs --login-password-file or KAFKA_SASL_PASSWORD")
        }
        return (user, password)
    }

    /// The first line of a file.
    static func password(in path: String) throws -> String {
        let text = String(decoding: try File.read(path), as: UTF8.self)
        guard let line = text.split(separator: "\n").first, !line.isEmpty else {
            throw AdminError.usage("\(path) holds no password")
        }
        return String(line)
    }
}
