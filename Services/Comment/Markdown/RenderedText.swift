import Contracts

/// A comment's text as it is shown and told of: sanitized HTML, plain words, and whom it mentions.
///
/// The HTML is written by an allow-list over the tree that libcmark parsed, never by libcmark: the elements `p br em strong
/// code pre blockquote ul ol li hr a`, no attribute but `start` of `ol` and `href` and `rel` of `a`. Raw HTML and images are
/// shown as the text they are.
struct RenderedText: Sendable, Equatable {
    /// Elements in each other.
    static let maximumNesting = 16
    /// Bytes of HTML.
    static let maximumLength = 64 << 10
    /// People that a comment may mention; more are left out.
    static let maximumMentions = Mention.maximumInText

    /// What cannot be rendered.
    enum Failure: Error, Equatable {
        case tooDeep
        case tooLong
        /// Nothing would be seen.
        case empty
    }

    let html: String
    /// Without markup, white space collapsed, cut; see ``CommentExcerpt``.
    let excerpt: String
    /// `@handle`s outside of code and links, lower case, each once.
    let handles: [String]

    /// Renders a text that ``CommentText`` has cleaned.
    init(_ text: CommentText) throws(Failure) {
        guard let document = MarkdownDocument(text.text) else { throw .tooLong }
        var writer = HTMLWriter()
        try document.walk { step throws(Failure) in try writer.write(step) }
        html = writer.html
        excerpt = Self.excerpt(of: writer.words)
        handles = writer.handles
        guard !excerpt.isEmpty else { throw .empty }
    }

    /// At most as many code points as ``CommentExcerpt/maximumLength``, no character cut in two.
    private static func excerpt(of words: String) -> String {
        let text = words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard text.unicodeScalars.count > CommentExcerpt.maximumLength else { return text }
        var (kept, length) = ("", 0)
        for character in text {
            length += character.unicodeScalars.count
            guard length < CommentExcerpt.maximumLength else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
