/// The words after a subcommand: names, `--option value` and `--flag`. What is unknown or missing is a usage error.
struct AdminArguments {
    private static let flags: Set<String> = ["json", "help", "all", "prefixed", "deny", "earliest", "latest", "tls"]
    /// Options that may come more than once.
    private static let lists: Set<String> = ["set", "unset", "operation"]

    private(set) var names: [String] = []
    private var values: [String: [String]] = [:]

    /// Splits the words. Errors: AdminError.usage.
    init(_ words: some Sequence<String>, options: Set<String>) throws(AdminError) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                names.append(word)
                continue
            }
            let name = String(word.dropFirst(2))
            if Self.flags.contains(name) {
                values[name] = []
                continue
            }
            guard options.contains(name) else { throw .usage("unknown option \(word)") }
            guard let value = rest.popFirst() else { throw .usage("\(word) needs a value") }
            guard values[name] == nil || Self.lists.contains(name) else { throw .usage("\(word) is there twice") }
            values[name, default: []].append(value)
        }
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    func value(_ option: String) -> String? { values[option]?.first }

    func all(_ option: String) -> [String] { values[option] ?? [] }

    func number<Number: FixedWidthInteger>(_ option: String) throws(AdminError) -> Number? {
        guard let text = value(option) else { return nil }
        guard let number = Number(text) else { throw .usage("--\(option) \(text) is not a number") }
        return number
    }

    /// The `KEY=VALUE` pairs of an option.
    func pairs(_ option: String) throws(AdminError) -> [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        for text in all(option) {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw .usage("--\(option) \(text) is not KEY=VALUE")
            }
            pairs.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
        }
        return pairs
    }

    /// The names, of which there must be at least, or exactly, so many.
    func names(_ meaning: String, exactly count: Int? = nil) throws(AdminError) -> [String] {
        guard count.map({ names.count == $0 }) ?? !names.isEmpty else { throw .usage("expected \(meaning)") }
        return names
    }
}
