import System
import TestSupport
import Testing

@Suite struct TestSupportTests {
    @Test func `a command's output and exit code come back`() async throws {
        let result = try await Command.run("sh", ["-c", "echo out; echo error >&2; exit 3"])
        #expect(result.status == .exited(3))
        #expect(result.output == "out\nerror\n")
    }

    @Test func `a command that takes too long is killed with its children`() async throws {
        let result = try await Command.run("sh", ["-c", "sleep 60 & sleep 60"], within: 0.2)
        #expect(result.status == .signalled(9))
    }

    @Test func `a missing program is an error, not a child`() async throws {
        await #expect(throws: SystemError.self) { try await Command.run("/nonexistent/program") }
    }

    @Test func `a child sees exactly the environment it is given`() async throws {
        let directory = try TemporaryDirectory()
        let child = try ChildProcess.start(
            "/usr/bin/env",
            environment: ["A": "1"],
            output: .append(path: directory.appending("out"))
        )
        #expect(try child.wait().isSuccess)
        #expect(directory.read("out") == "A=1\n")
    }

    @Test func `waiting for what never happens says what was waited for`() async throws {
        let error = await #expect(throws: Timeout.self) {
            try await eventually("the sun rises twice", within: 0.1) { false }
        }
        #expect(error?.description.contains("the sun rises twice") == true)
    }

    @Test func `a port is in use while a server listens on it`() async throws {
        let sink = try await MailSink()
        #expect(try PortProbe.isInUse(sink.port))
        #expect(PortProbe.accepts(sink.port, timeoutMilliseconds: 500))
        #expect(try !PortProbe.isInUse(PortProbe.freePort()))
    }

    @Test func `the mail sink keeps what curl sends`() async throws {
        let sink = try await MailSink()
        let directory = try TemporaryDirectory()
        let mail = try directory.write("Subject: hello\r\n\r\nbody\r\n", to: "mail")
        let sent = try await Command.run(
            "curl",
            ["-sS", sink.url, "--mail-from", "a@example.com", "--mail-rcpt", "b@example.com", "-T", mail]
        )
        #expect(sent.status.isSuccess, "\(sent.output)")
        let message = try #require(sink.messages.first)
        #expect(message.recipients == ["b@example.com"])
        #expect(message.text.contains("Subject: hello"))
    }

    @Test func `an answer's status, header and JSON are read`() async throws {
        let port = try PortProbe.freePort()
        let directory = try TemporaryDirectory()
        try directory.write(#"{"items":[{"id":7}]}"#, to: "list.json")
        let server = try ChildProcess.start(
            "python3",
            arguments: ["-m", "http.server", String(port), "-b", "127.0.0.1", "-d", directory.path],
            environment: Environment.all(),
            output: .discard
        )
        defer { #expect(throws: Never.self) { try server.send(SignalQueue.kill) } }
        try await eventually("ready") {
            PortProbe.httpStatus(port, path: "/list.json", timeoutMilliseconds: 500) == 200
        }
        let answer = try await Curl.request("GET", "http://127.0.0.1:\(port)/list.json")
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json")
        #expect(answer.json["items"][0]["id"].int == 7)
        #expect(try await Curl.request("GET", "http://127.0.0.1:\(port)/none").status == 404)
    }
}
