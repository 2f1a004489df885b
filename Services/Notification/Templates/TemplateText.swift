/// Fills data into a text. A place is written
///
///     {name}              the value as it is
///     {name:terms}        codes, separated by commas, in the words of the locale
///     {name:Terms}        the same with a capital
///     {name:(terms)}      the same in brackets after a space; nothing when there are none
///     {name|none|one|#}   by number: 0, 1, more; `#` is the number
///
/// What is missing is left out. Filled in is what the text says, never what a value says.
enum TemplateText {
    static func fill(_ text: String, _ data: [String: String], _ locale: Locale) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += value(of: rest[rest.index(after: open)..<close], data, locale)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// The names of the data that a text fills in.
    static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\{([a-z_]+)[^}]*\}/).map { String($0.1) })
    }

    private static func value(of place: Substring, _ data: [String: String], _ locale: Locale) -> String {
        let name = String(place.prefix { $0 != ":" && $0 != "|" })
        guard let value = data[name] else { return "" }
        let rule = place.dropFirst(name.count)
        if rule.hasPrefix("|") {
            let choices = rule.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
            let choice = choices[min(max(Int(value) ?? 0, 0), choices.count - 1)]
            return String(choice).replacing("#", with: value)
        }
        guard !rule.isEmpty else { return value }
        let terms = value.split(separator: ",").map { Terms.word($0, in: locale) }.joined(separator: ", ")
        switch rule {
        case ":Terms": return String(terms.prefix(1)).uppercased() + String(terms.dropFirst())
        case ":(terms)": return terms.isEmpty ? "" : " (\(terms))"
        default: return terms
        }
    }

    /// Without control characters, which would end a header's line.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }

    /// A name as others are shown it: one line, not long, and no link that a mail program would make of it.
    static func shown(_ name: String) -> String {
        String(oneLine(name).replacing("://", with: " ").replacing("www.", with: "www ").prefix(60))
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
