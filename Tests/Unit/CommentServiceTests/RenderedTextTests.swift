import Testing

@testable import CommentService

struct RenderedTextTests {
    private func render(_ text: String) throws -> RenderedText { try RenderedText(CommentText(text)) }

    @Test(arguments: [
        ("Phim **hay** *quá*", "<p>Phim <strong>hay</strong> <em>quá</em></p>\n"),
        ("a\nb  \nc", "<p>a\nb<br>\nc</p>\n"),
        ("# Tựa", "<p><strong>Tựa</strong></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a\n\n4. b", "<ol start=\"3\">\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n"),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
        ("    a & b", "<pre><code>a &amp; b\n</code></pre>\n"),
        ("a\n\n***\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
        ("<b onclick=\"x()\">a</b>", "<p>&lt;b onclick=&quot;x()&quot;&gt;a&lt;/b&gt;</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("![mô tả](https://a.example/p.png)", "<p>mô tả</p>\n"),
    ])
    func `a text becomes HTML of the allow-list`(text: String, html: String) throws {
        #expect(try render(text).html == html)
    }

    @Test(arguments: [
        ("[a](https://b.example/?x=1&y='z')", "https://b.example/?x=1&amp;y=&#39;z&#39;", "a"),
        ("[a](HTTP://b.example)", "http://b.example", "a"),
        ("<mailto:lan@example.com>", "mailto:lan@example.com", "mailto:lan@example.com"),
        ("https://b.example/phim.", "https://b.example/phim", "https://b.example/phim"),
        ("[a](https://b.example/phở)", "https://b.example/ph%E1%BB%9F", "a"),
    ])
    func `a link leads to where it says`(text: String, address: String, words: String) throws {
        let link = "<a href=\"\(address)\" rel=\"nofollow noopener ugc\">\(words)</a>"
        #expect(try render(text).html.hasPrefix("<p>\(link)"))
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x", "file:///etc/passwd", "//b.example", "/path", "https:b.example", "https://", "https:///x",
        "https://b.example@c.example", "https://b.example\\@c.example", "mailto:", "&#106;avascript:alert(1)",
        "ftp://b.example",
    ])
    func `an address that is none of ours is no link`(address: String) throws {
        #expect(try !render("[a](<\(address)>)").html.contains("<a"))
    }

    @Test func `people are mentioned outside of code and links, each once`() throws {
        let text =
            "@lan, @Lan và (@minh.tran): `@code` [@link](https://a.example) mail@no.example @ab @_no x@y. @hoa_9."
        #expect(try render(text).handles == ["lan", "minh.tran", "hoa_9"])
        #expect(try render("@Lính.Nguyễn, @ĐỖ_an @li×nh @лан é@lan").handles == ["lính.nguyễn", "đỗ_an"])
        let many = (0..<40).map { "@user\($0)" }.joined(separator: " ")
        #expect(try render(many).handles.count == RenderedText.maximumMentions)
    }

    @Test func `an excerpt is words, cut between characters`() throws {
        #expect(try render("**Phim**  [hay](https://a.example)\n\n- quá").excerpt == "Phim hay quá")
        let long = try render(String(repeating: "🇻🇳", count: 200)).excerpt
        #expect(long.unicodeScalars.count <= 140 && long.hasSuffix("🇻🇳…"))
    }

    @Test func `what shows nothing is no comment`() {
        #expect(throws: RenderedText.Failure.empty) { try render("[a]: https://a.example") }
        #expect(throws: RenderedText.Failure.empty) { try render("&nbsp;") }
        #expect(throws: RenderedText.Failure.empty) { try render("![](https://a.example/p.png)") }
    }

    @Test func `elements stand in each other only so deep`() throws {
        #expect(throws: RenderedText.Failure.tooDeep) { try render(String(repeating: "> ", count: 100) + "a") }
        #expect(throws: RenderedText.Failure.tooDeep) { try render(String(repeating: "- ", count: 100) + "a") }
        #expect(throws: RenderedText.Failure.tooDeep) {
            try render(String(repeating: "*a **b ", count: 20) + String(repeating: "c** d* ", count: 20))
        }
        _ = try render(String(repeating: "> ", count: 10) + "a")
    }

    /// Inputs that make parsers slow (cmark's `test/pathological_tests.py`), as long as a comment may be.
    @Test(arguments: [
        ("a**b", "c* "), ("*a_ ", ""), ("[a](<b", ""), ("![[]()", ""), ("[", "]"), ("> ", ""), ("`", ""), ("\\``", "`"),
        ("<", ">"), ("<!--", ""), ("&", ";"), ("a\n---\n", ""), ("[a]: u\n", "[a]"), ("*", "_"), ("![a](", ")"),
    ])
    func `what makes parsers slow is soon done`(opening: String, closing: String) {
        let half = CommentText.maximumCharacters / (opening.count + closing.count)
        let text = String(repeating: opening, count: half) + String(repeating: closing, count: half)
        let clock = ContinuousClock()
        let time = clock.measure { _ = try? render(text) }
        #expect(time < .seconds(1), "\(time)")
    }
}
