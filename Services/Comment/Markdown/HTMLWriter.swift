import Contracts

/// Writes the steps of a document as HTML of the allow-list, and collects its words and mentions on the way.
struct HTMLWriter {
    private(set) var html = ""
    private(set) var words = ""
    private(set) var handles: [String] = []
    private var depth = 0
    /// For each link that is open, whether it became an element.
    private var links: [Bool] = []

    mutating func write(_ step: MarkdownDocument.Step) throws(RenderedText.Failure) {
        switch step {
        case .enter(let container):
            depth += 1
            guard depth <= RenderedText.maximumNesting else { throw .tooDeep }
            open(container)
        case .exit(let container):
            depth -= 1
            close(container)
        case .leaf(let leaf): write(leaf)
        }
        guard html.utf8.count <= RenderedText.maximumLength else { throw .tooLong }
    }

    private mutating func open(_ container: MarkdownDocument.Container) {
        switch container {
        case .paragraph(let isTight): html += isTight ? "" : "<p>"
        case .heading: html += "<p><strong>"
        case .blockQuote: html += "<blockquote>\n"
        case .list(nil): html += "<ul>\n"
        case .list(1): html += "<ol>\n"
        case .list(let start?): html += "<ol start=\"\(start)\">\n"
        case .item: html += "<li>"
        case .emphasis: html += "<em>"
        case .strong: html += "<strong>"
        case .link(let address):
            let link = SafeLink(address)
            if let link { html += link.openingTag }
            links.append(link != nil)
        case .image: break  // Only its words, for an image tells its server who reads.
        }
    }

    private mutating func close(_ container: MarkdownDocument.Container) {
        switch container {
        case .paragraph(let isTight): html += isTight ? "" : "</p>\n"
        case .heading: html += "</strong></p>\n"
        case .blockQuote: html += "</blockquote>\n"
        case .list(let start): html += start == nil ? "</ul>\n" : "</ol>\n"
        case .item: html += "</li>\n"
        case .emphasis: html += "</em>"
        case .strong: html += "</strong>"
        case .link: if links.popLast() == true { html += "</a>" }
        case .image: break
        }
        switch container {
        case .paragraph, .heading, .item: words += " "
        default: break
        }
    }

    private mutating func write(_ leaf: MarkdownDocument.Leaf) {
        switch leaf {
        case .text(let text):
            words += text
            if links.isEmpty { write(words: text) } else { html.append(escaping: text) }
        case .code(let text):
            words += text
            html += "<code>"
            html.append(escaping: text)
            html += "</code>"
        case .codeBlock(let text):
            words += text + " "
            html += "<pre><code>"
            html.append(escaping: text)
            html += "</code></pre>\n"
        case .html(let text):
            words += text
            html.append(escaping: text)
        case .htmlBlock(let text):
            words += text + " "
            html += "<p>"
            html.append(escaping: text.last == "\n" ? text.dropLast() : text[...])
            html += "</p>\n"
        case .softBreak:
            words += " "
            html += "\n"
        case .lineBreak:
            words += " "
            html += "<br>\n"
        case .thematicBreak: html += "<hr>\n"
        }
    }

    /// Text outside of links: addresses in it become links, `@handle`s are noted.
    private mutating func write(words text: String) {
        Mention.collect(from: text, into: &handles)
        var rest = text[...]
        while let start = Self.nextAddress(in: rest) {
            html.append(escaping: rest[..<start])
            let address = Self.address(at: rest[start...])
            if let link = SafeLink(String(address)) {
                html += link.openingTag
                html.append(escaping: address)
                html += "</a>"
            } else {
                html.append(escaping: address)
            }
            rest = rest[address.endIndex...]
        }
        html.append(escaping: rest)
    }

    /// Where the next `http://` or `https://` begins.
    private static func nextAddress(in text: Substring) -> String.Index? {
        var from = text.utf8[...]
        while let colon = from.firstIndex(of: UInt8(ascii: ":")) {
            let before = text.utf8[..<colon].suffix(5).map { $0 | 0x20 }
            if text.utf8[colon...].starts(with: "://".utf8) {
                if before.elementsEqual("https".utf8) { return text.utf8.index(colon, offsetBy: -5) }
                if before.suffix(4).elementsEqual("http".utf8) { return text.utf8.index(colon, offsetBy: -4) }
            }
            from = from[text.utf8.index(after: colon)...]
        }
        return nil
    }

    /// An address to the next space, without the punctuation of the sentence that it ends.
    private static func address(at text: Substring) -> Substring {
        var address = text.prefix { !$0.isWhitespace && $0 != "<" && $0 != ">" && $0 != "\"" }
        while let last = address.last, ".,;:!?')]*_~".contains(last), address.utf8.count > "https://".utf8.count {
            address.removeLast()
        }
        return address
    }
}

extension String {
    /// Adds text so that HTML shows it as it is, between tags and in quoted attributes.
    mutating func append(escaping text: some StringProtocol) {
        for byte in text.utf8 where byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x22 || byte == 0x27 {
            // There is something to escape.
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": self += "&amp;"
                case "<": self += "&lt;"
                case ">": self += "&gt;"
                case "\"": self += "&quot;"
                case "'": self += "&#39;"
                default: unicodeScalars.append(scalar)
                }
            }
            return
        }
        self += text
    }
}
