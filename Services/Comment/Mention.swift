/// `@handle` in a text.
enum Mention {
    /// Bytes of a handle, as User makes them.
    static let lengths = 3...30

    /// Whether a name, in lower case, can be somebody's handle.
    static func isHandle(_ name: String) -> Bool {
        guard lengths.contains(name.utf8.count), let first = name.utf8.first else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "_")
    }
}
