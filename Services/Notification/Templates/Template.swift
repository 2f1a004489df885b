/// The texts of a notification in one locale; data is filled in by ``TemplateText``. A mail's links are ours: none comes
/// from data.
struct Template: Sendable {
    /// The words of a template; a mail without a body of its own says the message.
    struct Words: Sendable, Equatable {
        /// The in-app inbox, and the body of a push or text message.
        let message: String
        /// The mail's subject, and the title of a push message.
        let subject: String
        /// The mail's paragraphs, separated by empty lines.
        let body: String?

        init(_ message: String, subject: String, body: String? = nil) {
            self.message = message
            self.subject = subject
            self.body = body
        }
    }

    /// The words of both languages; a test compares what they fill in.
    struct Texts: Sendable {
        let vi: Words
        let en: Words
    }

    /// A mail with everything filled in.
    struct RenderedMail: Sendable, Equatable {
        let subject: String
        let text: String
        let html: String
    }

    let name: String
    let locale: Locale
    let words: Words

    /// What the notification is to its person: what else counts follows from it.
    var importance: Importance { Importance(template: name) }

    /// The template of that name in a locale; nil for a name that is not known.
    static func named(_ name: String, in locale: Locale) -> Template? {
        guard let texts = all[name] else { return nil }
        return Template(name: name, locale: locale, words: locale == .vietnamese ? texts.vi : texts.en)
    }

    /// The mail that says what has come since the last one.
    static let digest = "digest.summary"

    /// Every template by its name, which is the notification's type.
    static let all: [String: Texts] = [accountTexts, bookingTexts, mediaTexts, securityTexts, socialTexts]
        .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

    /// The in-app text with the data filled in.
    func renderMessage(_ data: [String: String]) -> String { TemplateText.fill(words.message, data, locale) }

    /// The title of a push message, and a mail's subject.
    func renderSubject(_ data: [String: String]) -> String {
        TemplateText.fill(words.subject, data.mapValues(TemplateText.oneLine), locale)
    }

    /// The mail with the data filled in.
    func renderMail(_ data: [String: String]) -> RenderedMail {
        let body = words.body ?? "\(locale == .vietnamese ? "Xin chào" : "Hello") {name},\n\n\(words.message)"
        let paragraphs = TemplateText.fill(body, data.mapValues(TemplateText.escaped), locale).split(separator: "\n\n")
            .map { "<p>\($0.replacing("\n", with: "<br>"))</p>" }
        return RenderedMail(
            subject: renderSubject(data),
            text: TemplateText.fill(body, data, locale) + "\n",
            html: "<!doctype html><html><body>\(paragraphs.joined())</body></html>"
        )
    }
}

/// What a notification is to its person.
enum Importance: Sendable {
    /// The account's safety: no preference, quiet hour or cap holds it back.
    case critical
    /// An answer to what the person did: told as preferred, never capped.
    case transactional
    /// What others did.
    case social

    init(template name: String) {
        switch name.prefix(while: { $0 != "." }) {
        case "security": self = .critical
        case "account", "booking": self = .transactional
        default: self = .social
        }
    }
}
