import System
import TestSupport
import Testing

/// The operators' page in a real browser, whose program `MARQUEE_BROWSER` names (`make web-test`).
@Suite struct ConsoleTests {
    private static let browser = Environment.value("MARQUEE_BROWSER")

    @Test(.enabled(if: browser != nil, "MARQUEE_BROWSER is not set"))
    func `an operator sees the stack, finds a trace, sends a dead letter back and changes a limit`() async throws {
        let browser = try #require(Self.browser)
        try await RunningStack.with { stack in
            let cinema = try await Cinema(stack)
            try await Self.sendNonsense(to: stack)
            let script = "\(SourceFile.repository)/Tests/Web/console.py"
            let words = [script, stack.url, browser, "\(stack.data)/admin.json", cinema.showtime]
            let seen = try await Command.run(Command.pythonPath, words, within: 150)
            #expect(seen.status.isSuccess, "\(seen.output)")
        }
    }

    /// Puts a record on the log, as Media, that nobody can handle.
    private static func sendNonsense(to stack: RunningStack) async throws {
        let secrets = try JSON(parsing: String(decoding: File.read("\(stack.data)/secrets.json"), as: UTF8.self))
        let settings = [
            "security.protocol=SASL_PLAINTEXT", "sasl.mechanism=SCRAM-SHA-256", "sasl.username=media",
            "sasl.password=\(try secrets.text("MEDIA_KAFKA_PASSWORD"))",
        ]
        let words = settings.map { "-X \($0)" }.joined(separator: " ")
        let send = "echo nonsense | kcat -q -b \(stack.broker) \(words) -P -t media-events -p 0 -k 7"
        let sent = try await Command.run("sh", ["-c", send], within: 20)
        #expect(sent.status.isSuccess, "\(sent.output)")
    }
}
