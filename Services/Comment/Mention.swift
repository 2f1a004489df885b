/// `@handle` in a text.
enum Mention {
    /// Characters of a handle, as User makes them.
    static let lengths = 3...30

    /// Whether a name, in lower case, can be somebody's handle.
    static func isHandle(_ name: String) -> Bool {
        guard lengths.contains(name.count), let first = name.first else { return false }
        return first != "." && first != "_"
    }

    /// Whether a handle may hold the sign: a Latin letter with or without accents, a digit, `_` or `.`.
    static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".": true
        case "\u{C0}"..."\u{24F}", "\u{1E00}"..."\u{1EFF}": scalar.properties.isAlphabetic
        default: false
        }
    }
}
