import TestSupport
import Testing

@testable import CommentService

struct HostileTextTests {
    @Test func `whatever is sent becomes HTML of the allow-list, or nothing`() throws {
        let texts = try HostileText.all()
        #expect(texts.count >= 100)
        var shown = 0
        for hostile in texts {
            guard let text = try? CommentText(hostile.text), let rendered = try? RenderedText(text) else { continue }
            shown += 1
            let fault = CommentHTML.fault(in: rendered.html)
            #expect(fault == nil, "\(hostile.name): \(hostile.text) became \(rendered.html)")
        }
        #expect(shown > texts.count * 9 / 10)
    }

    @Test(arguments: [
        "<script>", "<p onclick=\"x\">a</p>", "<a href=\"javascript:x\" rel=\"nofollow noopener ugc\">a</a>",
        "<a href=\"https://a.example\">a</a>", "a > b", "a & b", "<p>", "</p>", "<p><em></p></em>", "<img>", "<",
        "<a href=\"https://a.example/ x\" rel=\"nofollow noopener ugc\">a</a>", "<ol start=\"x\"></ol>", "\"",
        "<P></P>",
    ])
    func `the judge finds what is not on the list`(html: String) {
        #expect(CommentHTML.fault(in: html) != nil)
    }
}
