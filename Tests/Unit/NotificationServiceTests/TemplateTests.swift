import Contracts
import Testing

@testable import NotificationService

struct TemplateTests {
    @Test(arguments: Template.all.keys.sorted())
    func `both languages say the same data in all their texts`(name: String) throws {
        let texts = try #require(Template.all[name])
        for words in [texts.vi, texts.en] {
            for text in [words.message, words.subject] { #expect(!text.isEmpty) }
            #expect(words.body?.isEmpty != true)
            let places = words.message.matches(of: /\{/).count
            #expect(words.message.matches(of: /\{[a-z_]+(:Terms|:terms|:\(terms\)|(\|[^{}|]*)+)?\}/).count == places)
        }
        #expect(TemplateText.names(in: texts.vi.message) == TemplateText.names(in: texts.en.message))
        #expect((texts.vi.body == nil) == (texts.en.body == nil))
        let bodies = [texts.vi, texts.en].map { TemplateText.names(in: $0.body ?? "") }
        #expect(bodies[0] == bodies[1])
        // Subjects may be plainer in one language, and never fill in what the message has not.
        for words in [texts.vi, texts.en] {
            let known = TemplateText.names(in: words.message).union(bodies[0])
            #expect(TemplateText.names(in: words.subject).isSubset(of: known))
        }
    }

    @Test func `every reason has words of its own in both languages`() {
        let codes =
            MediaFailureReason.allCases.map(\.rawValue) + BatchFailureReason.allCases.map(\.rawValue)
            + MediaKind.allCases.map(\.rawValue) + LikeTarget.allCases.map(\.rawValue)
        for code in codes {
            #expect(Terms.all[code] != nil, "\(code)")
        }
        #expect(Terms.all.allSatisfy { !$0.value.vi.isEmpty && !$0.value.en.isEmpty })
    }

    @Test(arguments: [
        ("0", "An liked it."), ("1", "An and 1 other liked it."), ("41", "An and 41 others liked it."),
        ("x", "An liked it."),
    ])
    func `a number chooses the words`(others: String, text: String) {
        let filled = TemplateText.fill(
            "{actor}{others|| and 1 other| and # others} liked it.",
            ["actor": "An", "others": others],
            .english
        )
        #expect(filled == text)
    }

    @Test func `what a value says fills in nothing, and markup stays text`() throws {
        let template = try #require(Template.named("booking.booked", in: .english))
        let mail = template.renderMail(["name": "<b>{seats}</b>", "seats": "A1", "time": "19:00\r\nBcc: x"])
        #expect(mail.text.contains("Hello <b>{seats}</b>,"))
        #expect(mail.html.contains("Hello &lt;b&gt;{seats}&lt;/b&gt;,"))
        #expect(!mail.subject.contains("\n") && !mail.subject.contains("\r"))
    }
}
