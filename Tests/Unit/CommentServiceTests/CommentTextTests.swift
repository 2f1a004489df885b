import Testing

@testable import CommentService

struct CommentTextTests {
    @Test(arguments: [
        ("Phim hay qua\u{0301}", "Phim hay quá"),  // composed (NFC)
        ("a\u{200B}\u{0301}", "á"),  // composed when nothing stands between any more
        ("a\u{202E}b\u{2066}c\u{2069}", "abc"),  // overrides and isolates
        ("a\u{200B}b\u{FEFF}c\u{2060}\u{AD}d", "abcd"),  // not seen
        ("👩\u{200D}👩\u{200D}👧", "👩\u{200D}👩\u{200D}👧"),  // joiners shape emoji
        ("a\u{0}b\u{1B}[31mc\u{7F}", "ab[31mc"),  // control characters
        ("a\r\nb\rc\u{2028}d\u{85}e", "a\nb\nc\nd\ne"),  // line ends
        ("\n \n  code\n\n", "  code"),  // blank lines around
        ("h\u{E0068}\u{E0069}i", "hi"),  // hidden by tags
        ("\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}!", "🏴󠁧󠁢󠁥󠁮󠁧󠁿!"),  // a flag made of tags
        ("x\u{E000}\u{FFFE}\u{10FFFF}y", "xy"),  // private use, no characters
    ])
    func `a text is kept as it is seen`(raw: String, kept: String) throws {
        #expect(Array(try CommentText(raw).text.unicodeScalars) == Array(kept.unicodeScalars))
    }

    @Test func `marks are not piled up on a character`() throws {
        let zalgo = "Z" + String(repeating: "\u{0335}", count: 500) + "a"
        let text = try CommentText(zalgo).text
        #expect(text.unicodeScalars.count == 2 + CommentText.maximumMarks)
        #expect(text.count == 2)
    }

    @Test(arguments: ["", " \n\t ", "\u{200B}\u{FEFF}", "\u{202E}", "\u{0}"])
    func `what shows nothing is no comment`(raw: String) {
        #expect(throws: CommentText.Failure.empty) { try CommentText(raw) }
    }

    @Test func `characters and bytes are limited`() throws {
        let longest = String(repeating: "ắ", count: CommentText.maximumCharacters)
        #expect(try CommentText(longest).text.count == 2000)
        #expect(throws: CommentText.Failure.tooLong) { try CommentText(longest + "a") }
        // Few characters of many bytes.
        let families = String(repeating: "👩\u{200D}👩\u{200D}👧\u{200D}👦", count: 400)
        #expect(families.count == 400)
        #expect(throws: CommentText.Failure.tooLong) { try CommentText(families) }
        #expect(throws: CommentText.Failure.tooLong) { try CommentText(String(repeating: "a", count: 1 << 20)) }
    }
}
