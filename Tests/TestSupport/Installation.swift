/// A running Marquee as its users meet it: at the gateway.
public protocol Installation: Sendable {
    /// The gateway: `http://127.0.0.1:port`.
    var url: String { get }
    /// Where the events are: host and port.
    var broker: String { get }
    /// The token of the administrator whom the first start made.
    func administrator() async throws -> String
}

extension Installation {
    /// Logs somebody in, as soon as Auth knows them; the access token.
    public func logIn(_ email: String, password: String) async throws -> String {
        try await session(email, password: password).text("access_token")
    }

    /// Logs somebody in, as soon as Auth knows them; both tokens and their session.
    public func session(_ email: String, password: String) async throws -> JSON {
        try await eventually("\(email) can log in", within: 20) {
            let answer = try await Curl.request(
                "POST",
                "\(url)/v1/auth/login",
                json: #"{"email":"\#(email)","password":"\#(password)"}"#
            )
            return answer.status == 200 ? answer.json : nil
        }
    }

    /// A request that must be answered with `status`; its JSON.
    public func call(
        _ method: String,
        _ path: String,
        _ json: String? = nil,
        token: String? = nil,
        headers: [String: String] = [:],
        status: Int
    ) async throws -> JSON {
        let answer = try await Curl.request(method, url + path, json: json, token: token, headers: headers)
        guard answer.status == status else {
            throw StackFailure(description: "\(method) \(path): \(answer.status) \(answer.body)")
        }
        return answer.json
    }
}
