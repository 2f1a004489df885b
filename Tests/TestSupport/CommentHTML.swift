/// A strict reader of the HTML that comments may have: the elements and attributes of the allow-list exactly as they are
/// written, in good order, and all else escaped. It shares no code with what it judges.
public enum CommentHTML {
    private static let plain: Set<Substring> = ["p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li"]
    private static let void: Set<Substring> = ["br", "hr"]
    private static let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
    private static let schemes = ["http://", "https://", "mailto:"]

    /// What is wrong; nil when nothing is.
    public static func fault(in html: String) -> String? {
        var open: [Substring] = []
        // By code points, as browsers read: a mark that follows a bracket is a character with it to Swift.
        var rest = html.unicodeScalars[...]
        while let start = rest.firstIndex(of: "<") {
            if let fault = fault(inText: rest[..<start]) { return fault }
            guard let end = rest[start...].firstIndex(of: ">") else { return "a tag without an end" }
            let tag = Substring(rest[rest.index(after: start)..<end])
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return "</\(tag.dropFirst())> closes another element" }
            } else if !void.contains(tag) {
                guard let name = name(of: tag) else { return "<\(tag)> is not on the list" }
                open.append(name)
            }
        }
        return fault(inText: rest) ?? (open.isEmpty ? nil : "\(open) stay open")
    }

    private static func fault(inText text: Substring.UnicodeScalarView) -> String? {
        if let scalar = text.first(where: { ">\"'".unicodeScalars.contains($0) }) { return "a bare \(scalar)" }
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            guard entities.contains(where: { rest[start...].starts(with: $0.unicodeScalars) }) else {
                return "a bare &"
            }
            rest = rest[rest.index(after: start)...]
        }
        return nil
    }

    private static func name(of tag: Substring) -> Substring? {
        if plain.contains(tag) { return tag }
        if tag.hasPrefix("ol start=\""), tag.hasSuffix("\"") {
            return Int(tag.dropFirst("ol start=\"".count).dropLast()) == nil ? nil : "ol"
        }
        let (before, after) = ("a href=\"", "\" rel=\"nofollow noopener ugc\"")
        guard tag.hasPrefix(before), tag.hasSuffix(after) else { return nil }
        let address = tag.dropFirst(before.count).dropLast(after.count)
        guard schemes.contains(where: address.hasPrefix), fault(inText: address.unicodeScalars) == nil,
            address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "`") })
        else { return nil }
        return "a"
    }
}
