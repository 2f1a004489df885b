/// `@handle` in what people write: by it Comment and Notification find whom to tell.
public enum Mention {
    /// People whom one text can mention.
    public static let maximumInText = 10
    /// Characters of a handle, as User makes them.
    private static let lengths = 3...30

    /// Adds those handles of a text that are not among `handles` yet, in lower case, as far as there is room.
    public static func collect(from text: some StringProtocol, into handles: inout [String]) {
        var before: Unicode.Scalar = " "
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            defer { before = scalar }
            guard scalar == "@", before.isASCII, !isPart(before), handles.count < maximumInText else { continue }
            var name = String(Substring(rest.prefix(while: isPart))).lowercased()
            // The end of the sentence.
            while name.last == "." { name.removeLast() }
            if isHandle(name), !handles.contains(name) { handles.append(name) }
        }
    }

    /// Whether a name, in lower case, can be somebody's handle.
    private static func isHandle(_ name: String) -> Bool {
        guard lengths.contains(name.count), let first = name.first else { return false }
        return first != "." && first != "_"
    }

    /// Whether a handle may hold the sign: a Latin letter with or without accents, a digit, `_` or `.`.
    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".": true
        case "\u{C0}"..."\u{24F}", "\u{1E00}"..."\u{1EFF}": scalar.properties.isAlphabetic
        default: false
        }
    }
}
