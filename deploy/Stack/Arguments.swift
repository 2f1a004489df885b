import System

/// The command line.
struct Arguments: Equatable {
    var command = "help"
    var services: [String] = []
    var composePath = "deploy/compose.yaml"
    var excluded: Set<String> = []
    var isForeground = false
    /// Whether the services believe the offsets they have on another cluster of brokers than theirs.
    var adoptsCluster = false
    var isFollowing = false
    var tailLines = 100
    var timeoutSeconds = 60

    /// As the services have it.
    static let adoptClusterFlag = "--adopt-cluster"

    static let usage = """
        usage: stack [-f deploy/compose.yaml] COMMAND

          up [--foreground] [--except SERVICE] [--timeout SECONDS] [--adopt-cluster] [SERVICE…]
                                                                     start everything, or what is named and what it waits
                                                                     for; wait until all are ready
          down                                                       stop everything, last started first
          ps                                                         state, process and port of each service
          logs [-f] [-n LINES] [SERVICE…]                            what they wrote, together
          restart SERVICE…                                           stop, start again, wait until ready
          wait [--except SERVICE] [--timeout SECONDS] [SERVICE…]     wait until all are ready
          backup [DIR]                                               copy all data of the running stack into a folder
          verify DIR                                                 read a backup and judge it
          restore DIR                                                put a backup in the place of the data folder
          probe URL                                                  ask one health check (http://127.0.0.1:… or tcp://…)
          secrets                                                    make what Docker Compose is to be given
          exec PROGRAM [ARGUMENT…]                                   in the broker's container: write its users, become it

        MARQUEE_DATA is the folder for data, logs and secrets (default .marquee); MARQUEE_BIN the folder of the programs
        (default: where this one is). Variables of the compose file come from the environment.
        """

    init(_ words: [String]) throws {
        var rest = words[...]
        func value(of option: String) throws -> String {
            guard let value = rest.popFirst() else { throw StackError.refused("\(option) needs a value") }
            return value
        }
        func number(of option: String) throws -> Int {
            let text = try value(of: option)
            guard let number = Int(text), number >= 0 else {
                throw StackError.refused("\(option): '\(text)' is not a number")
            }
            return number
        }
        var names: [String] = []
        while let word = rest.popFirst() {
            switch word {
            // What follows is the program's.
            case _ where names.first == "exec": names.append(word)
            case "-f" where names.isEmpty, "--file": composePath = try value(of: word)
            case "-f", "--follow": isFollowing = true
            case "-n", "--tail": tailLines = try number(of: word)
            case "--foreground": isForeground = true
            case Self.adoptClusterFlag: adoptsCluster = true
            case "--except": excluded.insert(try value(of: word))
            case "--timeout": timeoutSeconds = try number(of: word)
            case "-h", "--help": names = ["help"]
            case _ where word.hasPrefix("-"): throw StackError.refused("unknown option \(word)\n\n\(Self.usage)")
            default: names.append(word)
            }
        }
        command = names.first ?? "help"
        services = Array(names.dropFirst())
        try refuseUnused()
    }

    /// Whether names on the command line are the services to start.
    var selectsServices: Bool { Self.selecting.contains(command) && !services.isEmpty }

    /// Commands that may be for some of the services.
    private static let selecting = ["up", "supervise", "wait"]

    /// What a command takes no notice of is not what the caller meant.
    private func refuseUnused() throws {
        if !excluded.isEmpty, !Self.selecting.contains(command) {
            throw StackError.refused("\(command) takes no --except")
        }
        if adoptsCluster, !["up", "supervise"].contains(command) {
            throw StackError.refused("\(command) takes no \(Self.adoptClusterFlag)")
        }
        if !services.isEmpty, ["down", "ps"].contains(command) {
            throw StackError.refused("\(command) takes no service: it is for all")
        }
    }

    /// Carries the command out and returns the exit code.
    func run() async throws -> Int32 {
        switch command {
        case "help":
            StandardOutput.writeLine(Self.usage)
            return 0
        case "probe":
            guard services.count == 1 else { throw StackError.refused("probe takes one URL") }
            return try Probe(url: services[0]).succeeds(timeoutMilliseconds: 2000) ? 0 : 1
        case "secrets":
            return try ContainerStack(self).writeVariables()
        case "exec":
            try ContainerStack(self).become(services)
        case "verify", "restore":
            guard services.count == 1 else { throw StackError.refused("\(command) takes the folder of a backup") }
            return try command == "verify" ? BackupCommands.verify(services[0]) : BackupCommands.restore(services[0])
        default:
            let stack = try LocalStack(self)
            switch command {
            case "up": return try stack.up()
            case "supervise": return try stack.supervise(isFollowing: false)
            case "down": return try stack.down()
            case "ps": return try stack.list()
            case "logs": return try stack.logs()
            case "restart": return try stack.restart()
            case "wait": return try stack.wait()
            case "backup":
                guard services.count <= 1 else { throw StackError.refused("backup takes one folder") }
                return try await BackupCommands.backup(stack, to: services.first)
            default: throw StackError.refused("unknown command '\(command)'\n\n\(Self.usage)")
            }
        }
    }
}
