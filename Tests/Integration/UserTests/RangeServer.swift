import System
import TestSupport

/// A range service of stolen passwords (Python): answers as haveibeenpwned.com's does, padding included, and keeps what it
/// is asked.
final class RangeServer: Sendable {
    /// What it does with a question.
    enum Mood: String {
        case answers, fails, hangs
    }

    /// For `BREACHED_PASSWORDS_URL`.
    let url: String
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    /// Starts the server, which knows these passwords, and others only as padding.
    init(knowing stolen: [String], padding: [String] = []) async throws {
        directory = try TemporaryDirectory()
        let port = try PortProbe.freePort()
        url = "http://127.0.0.1:\(port)/range"
        let words = stolen.map { "\($0):7" } + padding.map { "\($0):0" }
        child = try ChildProcess.start(
            Command.pythonPath,
            arguments: ["-c", Self.program, String(port), directory.path] + words,
            environment: Environment.all(),
            output: .append(path: directory.appending("log"))
        )
        try await eventually("the range server listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
    }

    deinit {
        // The child may have ended by itself; nothing is left to do then.
        try? child.send(SignalQueue.kill, toGroup: true)
        _ = try? child.exitStatus()
    }

    func set(_ mood: Mood) throws { _ = try directory.write(mood.rawValue, to: "mood") }

    /// The questions so far: path, and whether padding was asked for.
    var questions: [String] { directory.read("questions").split(separator: "\n").map(String.init) }

    private static let program = """
        import hashlib, os, sys, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        known = [(hashlib.sha1(word.rsplit(":", 1)[0].encode()).hexdigest().upper(), word.rsplit(":", 1)[1])
                 for word in sys.argv[3:]]
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                with open(sys.argv[2] + "/questions", "a") as file:
                    file.write(self.path + " " + str(self.headers.get("Add-Padding")) + "\\n")
                path = sys.argv[2] + "/mood"
                mood = open(path).read() if os.path.exists(path) else "answers"
                if mood == "hangs": time.sleep(20)
                lines = ["%035X:%d" % (number, number % 3) for number in range(900)]
                lines += [digits[5:] + ":" + times for digits, times in known if self.path.endswith("/" + digits[:5])]
                body = "\\r\\n".join(lines).encode()
                self.send_response(503 if mood == "fails" else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """
}
