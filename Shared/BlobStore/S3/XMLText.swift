/// The answers of an object store, as far as they matter: texts of elements without attributes, whose content is plain.
struct XMLText {
    private let text: Substring

    init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self)[...] }

    private init(_ text: Substring) { self.text = text }

    /// The name of the outermost element; nil when there is none.
    var root: Substring? {
        var rest = text.drop { $0.isWhitespace }
        if rest.hasPrefix("<?") {
            guard let end = rest.firstIndex(of: ">") else { return nil }
            rest = rest[rest.index(after: end)...].drop { $0.isWhitespace }
        }
        guard rest.first == "<" else { return nil }
        return rest.dropFirst().prefix { $0 != ">" && $0 != "/" && !$0.isWhitespace }
    }

    /// The content of the first such element.
    func first(_ name: String) -> String? {
        var rest = text
        return Self.next(name, in: &rest).map(Self.decoded)
    }

    /// Each such element in order.
    func all(_ name: String) -> [XMLText] {
        var (rest, found): (Substring, [XMLText]) = (text, [])
        while let content = Self.next(name, in: &rest) { found.append(XMLText(content)) }
        return found
    }

    /// Takes the text up to the end of the first such element; its content.
    private static func next(_ name: String, in rest: inout Substring) -> Substring? {
        guard let opening = range(of: "<\(name)>", in: rest) else { return nil }
        let inner = rest[opening.upperBound...]
        guard let closing = range(of: "</\(name)>", in: inner) else { return nil }
        rest = inner[closing.upperBound...]
        return inner[..<closing.lowerBound]
    }

    private static func range(of wanted: String, in text: Substring) -> Range<Substring.Index>? {
        let (bytes, pattern) = (text.utf8, Array(wanted.utf8))
        var start = bytes.startIndex
        while let candidate = bytes[start...].firstIndex(of: pattern[0]) {
            let found = bytes[candidate...].prefix(pattern.count)
            if found.elementsEqual(pattern) { return candidate..<found.endIndex }
            start = bytes.index(after: candidate)
        }
        return nil
    }

    private static func decoded(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        let parts = text.split(separator: "&", omittingEmptySubsequences: false)
        var result = String(parts[0])
        for part in parts.dropFirst() {
            let known = [("quot;", "\""), ("#34;", "\""), ("lt;", "<"), ("gt;", ">"), ("apos;", "'"), ("amp;", "&")]
            if let (name, character) = known.first(where: { part.hasPrefix($0.0) }) {
                result += character + part.dropFirst(name.count)
            } else {
                result += "&" + part
            }
        }
        return result
    }
}
