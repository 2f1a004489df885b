import FoundationEssentials
import System

/// HTTP requests by the `curl` program: a client that is not ours.
public enum Curl {
    /// An answer.
    public struct Response: Sendable {
        /// The status code.
        public let status: Int
        /// Header fields by lower-case name; the last of several wins.
        public let headers: [String: String]
        /// The body.
        public let body: String

        /// The body as JSON; null when it is none.
        public var json: JSON { (try? JSON(parsing: body)) ?? .null }
    }

    /// Sends one request, its body JSON or the content of a file, and returns the answer, whatever its status; throws when
    /// none came within `seconds`.
    public static func request(
        _ method: String = "GET",
        _ url: String,
        json: String? = nil,
        file: String? = nil,
        token: String? = nil,
        headers: [String: String] = [:],
        within seconds: Double = 15
    ) async throws -> Response {
        let directory = try TemporaryDirectory()
        var arguments = ["-sS", "-X", method, "--max-time", String(seconds), "-D", directory.appending("head")]
        arguments += ["-o", directory.appending("body")]
        if method == "HEAD" { arguments.append("-I") }
        for (name, value) in headers { arguments += ["-H", "\(name): \(value)"] }
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        if let json {
            arguments += ["-H", "Content-Type: application/json", "--data-binary", json]
        }
        if let file { arguments += ["--data-binary", "@\(file)"] }
        let result = try await Command.run("curl", arguments + [url], within: seconds + 5)
        guard result.status.isSuccess else {
            throw CurlFailure(description: "\(method) \(url): \(result.status) \(result.output)")
        }
        return try response(head: directory.read("head"), body: directory.read("body"))
    }

    private static func response(head: String, body: String) throws -> Response {
        // Interim answers (100 Continue) come first: the last block counts.
        let blocks = head.replacing("\r\n", with: "\n").split(separator: "\n\n")
        let lines = (blocks.last ?? "").split(separator: "\n")
        let parts = (lines.first ?? "").split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[1]) else {
            throw CurlFailure(description: "no status line in \(head)")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        return Response(status: status, headers: headers, body: body)
    }
}

/// curl got no answer.
public struct CurlFailure: Error, CustomStringConvertible {
    /// The request and what curl said.
    public let description: String
}
