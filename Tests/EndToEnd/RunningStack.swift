import System
import TestSupport
import Testing

/// The whole stack of debug programs on free ports, with data of its own, under the real supervisor.
final class RunningStack: Sendable {
    let url: String
    private let directory: TemporaryDirectory
    private let environment: [String: String]
    private let options: [String]

    private static let services = ["BROKER", "GATEWAY", "USER", "AUTH", "NOTIFICATION", "BOOKING"]

    /// Runs `body` around a stack that is up, and stops it whatever happens. Without `kafka` the stack has its own broker.
    static func with(
        _ variables: [String: String] = [:],
        kafka: ApacheKafka? = nil,
        _ body: (RunningStack) async throws -> Void
    ) async throws {
        let stack = try RunningStack(variables, kafka: kafka)
        do {
            let up = try await stack.command("up", "--timeout", "90")
            try #require(up.status.isSuccess, "\(up.output)")
            try await body(stack)
        } catch {
            let logs = try await stack.command("logs", "-n", "40")
            _ = try await stack.command("down")
            Issue.record("\(error)\n\(logs.output)")
            return
        }
        let down = try await stack.command("down")
        #expect(down.status.isSuccess, "\(down.output)")
        withExtendedLifetime(kafka) {}
    }

    private init(_ variables: [String: String], kafka: ApacheKafka?) throws {
        directory = try TemporaryDirectory()
        var environment = ["MARQUEE_DATA": directory.appending("data")]
        for name in Self.services { environment["\(name)_PORT"] = "\(try PortProbe.freePort())" }
        environment["KAFKA_BOOTSTRAP_SERVERS"] = kafka?.bootstrapServers
        environment["SWIFT_BACKTRACE"] = "enable=no"
        self.environment = environment.merging(variables) { $1 }
        options = kafka == nil ? [] : ["--except", "broker"]
        url = "http://127.0.0.1:\(environment["GATEWAY_PORT"] ?? "")"
    }

    /// Runs a command of the stack runner.
    @discardableResult
    func command(_ words: String...) async throws -> Command.Result {
        try await Command.run(
            ServiceProcess.path(of: "stack"),
            ["-f", "\(SourceFile.repository)/deploy/compose.yaml"] + words + options,
            environment: environment,
            within: 120
        )
    }

    /// Ends a service by SIGKILL, as a crash would; the supervisor starts it again.
    func kill(_ service: String) throws {
        let state = try JSON(parsing: directory.read("data/stack/state.json"))
        let row = try #require(state["rows"].array.first { $0["name"].string == service })
        try Process.send(SignalQueue.kill, to: Int32(try #require(row["process"].int)))
    }

    /// The token of the administrator whom the first start made.
    func administrator() async throws -> String {
        let account = try JSON(parsing: directory.read("data/admin.json"))
        let email = try #require(account["email"].string)
        return try await logIn(email, password: try #require(account["password"].string))
    }

    func logIn(_ email: String, password: String) async throws -> String {
        try await eventually("\(email) can log in", within: 20) {
            let answer = try await Curl.request(
                "POST",
                "\(url)/v1/auth/login",
                json: #"{"email":"\#(email)","password":"\#(password)"}"#
            )
            return answer.status == 200 ? answer.json["access_token"].string : nil
        }
    }

    /// A request that must be answered with `status`; its JSON.
    func call(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        token: String? = nil,
        headers: [String: String] = [:],
        status: Int,
        location: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let answer = try await Curl.request(method, url + path, json: json, token: token, headers: headers)
        try #require(
            answer.status == status,
            "\(method) \(path): \(answer.status) \(answer.body)",
            sourceLocation: location
        )
        return answer.json
    }
}
