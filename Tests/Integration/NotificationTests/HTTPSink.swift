import System
import TestSupport

/// An HTTP server (Python) that keeps every request it is sent and answers as it is told: a push service, somebody's
/// webhook, a provider of text messages.
final class HTTPSink: Sendable {
    /// One request as it came.
    struct Request: Sendable {
        let path: String
        /// By their names in lowercase.
        let fields: Fields
        let body: String
        /// The body in hexadecimal.
        let bytes: String
    }

    /// The header fields of a request.
    struct Fields: Sendable {
        let json: JSON

        subscript(name: String) -> String? { json[name].string }
    }

    let port: UInt16
    var url: String { "http://127.0.0.1:\(port)" }
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Starts the server; the first requests get the given statuses, all others 201.
    init(statuses: [Int] = []) async throws {
        directory = try TemporaryDirectory()
        port = try PortProbe.freePort()
        let port = port
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, String(port), directory.appending("requests")] + statuses.map(String.init),
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        try await eventually("the sink listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    deinit {
        // The child may have ended by itself; nothing is left to do then.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    /// The requests so far, in order of arrival.
    var requests: [Request] {
        directory.read("requests").split(separator: "\n").compactMap { line -> Request? in
            guard let request = try? JSON(parsing: String(line)), let path = request["path"].string else { return nil }
            return Request(
                path: path,
                fields: Fields(json: request["fields"]),
                body: request["body"].string ?? "",
                bytes: request["bytes"].string ?? ""
            )
        }
    }

    private static let program = """
        import json, sys
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        statuses = [int(s) for s in sys.argv[3:]]
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {"path": self.path, "fields": {k.lower(): v for k, v in self.headers.items()},
                           "body": body.decode("utf-8", "replace"), "bytes": body.hex()}
                with open(sys.argv[2], "a") as file:
                    file.write(json.dumps(request) + "\\n")
                self.send_response(statuses.pop(0) if statuses else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """
}
