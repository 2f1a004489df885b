import System
import TestSupport
import Testing

/// The `stack` program with two small Python servers as its services.
@Suite struct StackTests {
    private let directory: TemporaryDirectory
    private let environment: [String: String]
    private let port: UInt16

    init() throws {
        directory = try TemporaryDirectory()
        port = try PortProbe.freePort()
        environment = [
            "MARQUEE_DATA": directory.appending("data"), "FIRST_PORT": "\(port)",
            "SECOND_PORT": "\(try PortProbe.freePort())",
        ]
        try directory.write(
            """
            x-generated-secrets: [SHARED_SECRET]
            x-common: &common
              command: [/usr/bin/python3, -uc, "import http.server as h, os, sys; print(os.environ['SHARED_SECRET'], sys.argv[1:]);
                h.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), h.SimpleHTTPRequestHandler).serve_forever()"]
              restart: always
              stop_grace_period: 2s
            services:
              first:
                <<: *common
                environment: { PORT: "${FIRST_PORT}", SHARED_SECRET: "${SHARED_SECRET}" }
                healthcheck: { test: [CMD, stack, probe, "http://127.0.0.1:${FIRST_PORT}/"] }
              second:
                <<: *common
                environment: { PORT: "${SECOND_PORT}", SHARED_SECRET: "${SHARED_SECRET}", KAFKA_BOOTSTRAP_SERVERS: "a:1" }
                depends_on: { first: { condition: service_healthy } }
                healthcheck: { test: [CMD, stack, probe, "http://127.0.0.1:${SECOND_PORT}/"] }
            """,
            to: "compose.yaml"
        )
    }

    @Test func `what uses a broker is told that its events have moved, and told again when it starts again`()
        async throws
    {
        try await withStack(["--adopt-cluster"]) {
            let restarted = try await stack("restart", "second")
            #expect(restarted.status.isSuccess, "\(restarted.output)")
            let words = ["first", "second"].map { name in
                directory.read("data/logs/\(name).log").matches(of: /\[('.*')?\]/).map { String($0.0) }
            }
            #expect(words == [["[]"], ["['--adopt-cluster']", "['--adopt-cluster']"]])
        }
        try await withStack {}
        #expect(!directory.read("data/logs/second.log").contains("adopt"))
    }

    private func stack(_ arguments: String...) async throws -> Command.Result { try await stack(arguments) }

    private func stack(_ arguments: [String]) async throws -> Command.Result {
        try await Command.run(
            ServiceProcess.path(of: "stack"),
            ["-f", directory.appending("compose.yaml")] + arguments,
            environment: environment
        )
    }

    /// Runs the stack around a test and stops it whatever happens.
    private func withStack(_ options: [String] = [], _ body: () async throws -> Void) async throws {
        let up = try await stack(["up", "--timeout", "20"] + options)
        do {
            try #require(up.status.isSuccess, "\(up.output)")
            try await body()
        } catch {
            _ = try await stack("down")
            throw error
        }
        let down = try await stack("down")
        #expect(down.status.isSuccess, "\(down.output)")
    }

    @Test func `up waits until all answer, ps lists them and down ends them`() async throws {
        try await withStack {
            #expect(try await Curl.request("GET", "http://127.0.0.1:\(port)/").status == 200)
            let list = try await stack("ps")
            #expect(list.status.isSuccess)
            #expect(list.output.contains("second") && list.output.contains("ready"))
        }
        #expect(try !PortProbe.isInUse(port))
        #expect(try await stack("ps").status == .exited(1))
    }

    @Test func `what is named starts with what it waits for, and nothing else`() async throws {
        try await withStack(["first"]) {
            let list = try await stack("ps").output
            #expect(list.contains("first") && !list.contains("second"))
        }
        try await withStack(["second"]) {
            let list = try await stack("ps").output
            #expect(list.contains("first") && list.contains("second"))
        }
        for (words, refusal) in [
            (["up", "third"], "no service 'third'"), (["up", "--except", "third"], "no service 'third'"),
            (["down", "--except", "first"], "takes no --except"), (["down", "first"], "takes no service"),
        ] {
            let answer = try await stack(words)
            #expect(!answer.status.isSuccess && answer.output.contains(refusal), "\(words): \(answer.output)")
        }
    }

    @Test func `a killed service is started again, and logs of all are read together`() async throws {
        try await withStack {
            let state = try JSON(parsing: directory.read("data/stack/state.json"))
            let row = try #require(state["rows"].array.first { $0["name"].string == "first" })
            try Process.send(SignalQueue.kill, to: Int32(try #require(row["process"].int)))
            try await eventually("it is back") { try await stack("ps").output.contains("ready      ") && isUp() }
            #expect(try await stack("restart", "first").status.isSuccess)
            let logs = try await stack("logs").output
            #expect(logs.contains("first  | ") && logs.contains("second | "))
            #expect(logs.contains("stack  | "))
        }
    }

    private func isUp() -> Bool { PortProbe.httpStatus(port, path: "/", timeoutMilliseconds: 500) == 200 }

    @Test func `secrets are made once, the same for both, and only the owner may read them`() async throws {
        try await withStack {}
        let secrets = directory.read("data/secrets.json")
        let secret = try #require(try JSON(parsing: secrets)["SHARED_SECRET"].string)
        #expect(secret.count == 32)
        #expect(directory.read("data/logs/first.log").contains(secret))
        #expect(directory.read("data/logs/second.log").contains(secret))
        let modes = try await Command.run(
            "stat",
            ["-c", "%a", directory.appending("data/secrets.json"), directory.appending("data/admin.json")]
        )
        #expect(modes.output == "600\n600\n")
        try await withStack {}
        #expect(directory.read("data/secrets.json") == secrets)
    }

    @Test func `containers are given the same secrets, in a file that a shell reads too`() async throws {
        try await withStack {}
        let secrets = try await stack("secrets")
        #expect(secrets.output == directory.appending("data/compose.env\n"))
        let path = directory.appending("data/compose.env")
        let mode = try await Command.run("stat", ["-c", "%a", path])
        #expect(mode.output == "600\n")
        let read = try await Command.run("sh", ["-c", ". \(path); echo $SHARED_SECRET"])
        #expect(read.output.contains(try JSON(parsing: directory.read("data/secrets.json")).text("SHARED_SECRET")))
    }

    @Test func `the broker's container has its users written before it starts, from what it was given`() async throws {
        try directory.write("x-topic-writers: { payments: [booking] }", to: "compose.yaml")
        let words = ["-f", directory.appending("compose.yaml"), "exec", "sh", "-c", "echo became $0", "-f"]
        let path = directory.appending("access.json")
        func run(_ variables: [String: String]) async throws -> Command.Result {
            try await Command.run(try ServiceProcess.path(of: "stack"), words, environment: variables)
        }
        let refused = try await run(["BROKER_SECRETS": path])
        #expect(refused.status == .exited(1) && refused.output.contains("BOOKING_KAFKA_PASSWORD is not set"))
        let became = try await run([
            "BROKER_SECRETS": path, "BROKER_PASSWORDS": "A_KAFKA_PASSWORD=a,BOOKING_KAFKA_PASSWORD=b",
        ])
        #expect(became.output == "became -f\n")
        #expect(try JSON(parsing: directory.read("access.json"))["users"]["booking"].string == "b")
        #expect(try await run([:]).output == "became -f\n")
    }

    @Test func `a port that is taken is refused before anything starts`() async throws {
        let squatter = try ChildProcess.start(
            "/usr/bin/python3",
            arguments: ["-m", "http.server", "\(port)", "-b", "127.0.0.1"],
            environment: [:],
            output: .discard
        )
        try await eventually("the port is taken") { isUp() }
        let up = try await stack("up")
        try squatter.send(SignalQueue.kill)
        #expect(try squatter.wait() == .signalled(9))
        #expect(up.status == .exited(1))
        #expect(up.output.contains("port \(port) (first)") && up.output.contains("FIRST_PORT"), "\(up.output)")
    }
}
