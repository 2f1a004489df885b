import ServiceKit
import System
import TestSupport
import Testing

/// The service as a process of its own, with keys a test can sign with. Without a broker events wait in the outbox, and
/// the routes answer all the same.
struct UserServiceFixture {
    static let admin = (email: "admin@example.org", password: "mot hai ba bon nam")

    let directory: TemporaryDirectory
    let service: ServiceProcess
    private let mint: TokenMint
    let secret: PairSecret

    init(broker: String? = nil, environment: [String: String] = [:]) async throws {
        directory = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: directory, by: "user")
        try File.createDirectory(directory.appending("secrets"))
        secret = try PairSecret("auth-user", directory: directory.appending("secrets"))
        var variables = [
            "DATA_DIR": directory.path,
            "KAFKA_BOOTSTRAP_SERVERS": try broker ?? "127.0.0.1:\(PortProbe.freePort())",
            "MARQUEE_ADMIN_EMAIL": Self.admin.email, "MARQUEE_ADMIN_PASSWORD": Self.admin.password,
        ]
        variables.merge(environment) { $1 }
        let service = try ServiceProcess("user", environment: variables)
        self.service = service
        try await eventually("the service answers") {
            PortProbe.httpStatus(service.port, path: "/livez", timeoutMilliseconds: 500) == 200
        }
    }

    func token(_ id: String, role: String = "user") throws -> String {
        try mint.token(for: #require(Identifier(id)), roles: [role])
    }

    /// A token of the admin that the service made at its start.
    func adminToken() async throws -> String {
        let verified = try await verify(Self.admin.email, Self.admin.password)
        return try token(#require(verified.json["user_id"].string), role: "admin")
    }

    func call(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        token: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Curl.Response {
        try await Curl.request(method, service.url + path, json: json, token: token, headers: headers)
    }

    /// Registers somebody and returns the id.
    func register(_ email: String) async throws -> String {
        let body = #"{"email":"\#(email)","password":"sau bay tam chin muoi","display_name":"Linh Nguyễn"}"#
        let response = try await call("POST", "/v1/users", body)
        try #require(response.status == 201, "\(response.body)")
        return try #require(response.json["id"].string)
    }

    /// Registers people at example.org, one after another.
    func register(_ names: [String]) async throws -> [String] {
        var ids: [String] = []
        for name in names { ids.append(try await register("\(name)@example.org")) }
        return ids
    }

    /// What a statement finds in the service's file, a row a line.
    func rows(_ statement: String) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for row in base.execute(sys.argv[2]):
                print(*[str(value) for value in row])
            """
        let result = try await Command.python(program, [directory.appending("user/user.sqlite"), statement])
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output.split(separator: "\n").joined(separator: "\n")
    }

    /// What Auth would ask.
    func verify(_ email: String, _ password: String) async throws -> Curl.Response {
        let body = #"{"email":"\#(email)","password":"\#(password)"}"#
        let headers = ["Authorization": secret.authorization]
        return try await call("POST", "/internal/v1/credentials/verify", body, headers: headers)
    }
}
