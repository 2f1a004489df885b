/// One field line of a message (RFC 9110 section 5).
public struct HTTPField: Sendable, Hashable {
    /// The field's name.
    public let name: Name
    /// The field's value, without surrounding spaces.
    public let value: String

    /// A field; control characters in the value become spaces when it is added to `HTTPFields`.
    public init(name: Name, value: String) {
        self.name = name
        self.value = value
    }

    /// True when the text holds no control character but tab, so it can be a field value as it is.
    public static func isValidValue(_ value: String) -> Bool {
        value.utf8.allSatisfy(ByteClass.isFieldValue)
    }

    /// A field name: a token, compared without regard to case. `_` and `-` are different letters.
    public struct Name: Sendable, Hashable, CustomStringConvertible {
        /// All of it, so that a copy of a name is one reference.
        private final class Text: Sendable {
            let rawName: String
            let opening: [UInt8]
            let canonical: [UInt8]
            let hash: UInt32

            init(_ name: String) {
                rawName = name
                opening = Array(name.utf8) + [.colon, .space]
                let lowercase = name.utf8.map(ByteClass.lowercased)
                canonical = lowercase
                hash = Name.hash(lowercase.span)
            }
        }

        private let text: Text

        /// The name as it was written.
        public var rawName: String { text.rawName }
        /// The name as it was written, colon and space: a line begins with it.
        var opening: [UInt8] { text.opening }
        /// Lower-case letters, as compared.
        var canonical: [UInt8] { text.canonical }
        var hash: UInt32 { text.hash }

        /// Nil unless the text is a token.
        public init?(_ name: String) {
            guard !name.isEmpty, name.utf8.allSatisfy(ByteClass.isToken) else { return nil }
            self.init(valid: name)
        }

        /// For names known to be tokens.
        init(valid name: String) { text = Text(name) }

        /// The name as it was written.
        public var description: String { rawName }

        /// The name in lower-case letters.
        public var canonicalName: String { String(decoding: canonical, as: UTF8.self) }

        /// Compares without regard to case.
        public static func == (left: Name, right: Name) -> Bool {
            left.text === right.text || left.hash == right.hash && left.canonical == right.canonical
        }

        /// Hashes the lower-case letters.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(hash)
        }

        /// FNV-1a over the lower-case letters: a cheap filter before the comparison of bytes.
        static func hash(_ name: Span<UInt8>) -> UInt32 {
            var hash: UInt32 = 0x811c_9dc5
            for index in name.indices {
                hash = (hash ^ UInt32(ByteClass.lowercased(name[index]))) &* 0x0100_0193
            }
            return hash
        }
    }
}
