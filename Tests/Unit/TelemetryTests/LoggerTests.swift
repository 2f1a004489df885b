import Synchronization
import System
import Telemetry
import Testing

@Suite struct LoggerTests {
    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        var text: String { all.withLock { $0.joined() } }
    }

    private func logger(_ lines: Lines, level: LogLevel = .info, format: LogFormat = .json) -> Logger {
        Logger(
            label: "test",
            level: level,
            format: format,
            clock: WallClock { Timestamp(milliseconds: 0) },
            sink: { line in lines.all.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        )
    }

    @Test func `a line is one JSON object with sorted metadata`() {
        let lines = Lines()
        logger(lines).info("seat sold", metadata: ["seat": "A1", "count": 3, "late": false])
        #expect(
            lines.text
                == #"{"time":"1970-01-01T00:00:00.000Z","level":"info","logger":"test","message":"seat sold","#
                + #""count":3,"late":false,"seat":"A1"}"# + "\n"
        )
    }

    @Test func `a line below the level is not even built`() {
        let lines = Lines()
        var built = false
        func message() -> String {
            built = true
            return "x"
        }
        logger(lines, level: .warning).info(message())
        #expect(!built && lines.text.isEmpty)
    }

    @Test func `a value cannot forge a second line`() {
        let lines = Lines()
        logger(lines, format: .logfmt).error("bad\nlevel=info", metadata: ["a": "x y", "b": "plain"])
        #expect(lines.text.split(separator: "\n").count == 1)
        #expect(lines.text.hasSuffix(#"message="bad\nlevel=info" a="x y" b=plain"# + "\n"))
    }

    @Test func `lines of a traced task carry its trace id`() {
        let lines = Lines()
        let context = TraceContext.root()
        TraceContext.$current.withValue(context) { logger(lines).info("x") }
        #expect(lines.text.contains("\"trace_id\":\"\(context.traceID)\""))
    }
}

@Suite struct TraceContextTests {
    @Test func `the example of the specification is read and written back`() throws {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceparent == text && context.isSampled)
        #expect(context.child().traceID == context.traceID)
        #expect(context.child().spanID != context.spanID)
    }

    @Test(arguments: [
        "", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    ])
    func `a malformed header is refused`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func `a later version is read by its first four fields`() {
        #expect(TraceContext(traceparent: "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what") != nil)
    }
}
