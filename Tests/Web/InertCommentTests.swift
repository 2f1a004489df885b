import System
import TestSupport
import Testing

@testable import CommentService

/// Hostile comments as a real browser shows them, whose program `MARQUEE_BROWSER` names (`make web-test`).
@Suite struct InertCommentTests {
    private static let browser = Environment.value("MARQUEE_BROWSER")

    @Test(.enabled(if: browser != nil, "MARQUEE_BROWSER is not set"))
    func `no comment does anything in a browser`() async throws {
        let browser = try #require(Self.browser)
        let shown = try HostileText.all().compactMap { hostile -> JSON? in
            guard let text = try? CommentText(hostile.text), let rendered = try? RenderedText(text) else { return nil }
            return .object(["name": .string(hostile.name), "html": .string(rendered.html)])
        }
        #expect(shown.count >= 100)
        let directory = try TemporaryDirectory()
        let file = try directory.write(JSON.array(shown).text(), to: "comments.json")
        let script = "\(SourceFile.repository)/Tests/Web/inert.py"
        let judged = try await Command.run(Command.pythonPath, [script, file, browser], within: 180)
        #expect(judged.status.isSuccess, "\(judged.output)")
        #expect(judged.output.contains("\(shown.count) inert"))
    }
}
