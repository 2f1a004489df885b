import System
import TestSupport
import Testing

/// The page of the gateway in two windows of a real browser, whose program `MARQUEE_BROWSER` names (`make web-test`).
@Suite struct WebStoryTests {
    private static let browser = Environment.value("MARQUEE_BROWSER")

    @Test(.enabled(if: browser != nil, "MARQUEE_BROWSER is not set"))
    func `one window books and pays, the other sees it at once`() async throws {
        let browser = try #require(Self.browser)
        try await RunningStack.with { stack in
            _ = try await Cinema(stack)
            let script = "\(SourceFile.repository)/Tests/Web/story.py"
            let story = try await Command.run(Command.pythonPath, [script, stack.url, browser], within: 90)
            #expect(story.status.isSuccess, "\(story.output)")
        }
    }
}
