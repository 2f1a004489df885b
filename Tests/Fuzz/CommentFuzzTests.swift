import Contracts
import TestSupport
import Testing

@testable import CommentService

/// What people send as comments.
struct CommentFuzzTests {
    private static let words = [
        "<script>", "</", "<!--", "-->", "](", "![", "<javascript:", "&#x6A;", "&colon;", "`", "```", "~~~", "> ", "- ",
        "1. ",
        "    ", "\n\n", "***", "__", "\\", "https://", "http://a@b", "mailto:a@b", "@lan", "\u{202E}", "\u{200B}",
        "\u{0335}",
        "\u{1F3F4}\u{E0067}", "\u{FEFF}", "\r", "\0", "[r]: <", "onerror=", "\"", "'", "<a href=\"", "=\n", "---\n",
    ]

    @Test func `a text is cleaned once for all, and becomes HTML of the allow-list or is refused`() throws {
        let corpus = try HostileText.all().map(\.text) + ["Phim **hay** quá @lan! https://a.example/x?y=1&z=(2)."]
        let fault = Fuzzer(corpus, words: Self.words).run("comments") { bytes, _ in
            let raw = String(decoding: bytes, as: UTF8.self)
            guard let text = try? CommentText(raw) else { return nil }
            guard try CommentText(text.text) == text else { return "cleaned again it is another: \(text.text)" }
            let rendered: RenderedText
            do throws(RenderedText.Failure) {
                rendered = try RenderedText(text)
            } catch {
                return nil
            }
            if rendered.excerpt.unicodeScalars.count > CommentExcerpt.maximumLength { return "a long excerpt" }
            return CommentHTML.fault(in: rendered.html).map { "\($0) in \(rendered.html)" }
        }
        #expect(fault == nil)
    }
}
