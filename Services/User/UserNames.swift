/// An e-mail address in the one form that is stored and compared: trimmed, lower case. Checked for shape only, since only
/// a mail can prove more (OWASP Input Validation, e-mail).
struct EmailAddress: Sendable, Hashable {
    /// RFC 5321, section 4.5.3.1.
    static let maximumLength = 254
    static let maximumLocalLength = 64

    let text: String

    /// Nil unless it looks like `local@domain.tld` in printable ASCII without spaces, quotes and angle brackets.
    init?(_ raw: String) {
        let bytes = Array(raw.utf8.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed())
        guard bytes.count <= Self.maximumLength else { return nil }
        let forbidden = Set(#""(),:;<>[\]"#.utf8)
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && !forbidden.contains($0) }) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.maximumLocalLength).contains(parts[0].count) else { return nil }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Self.isLabel) else { return nil }
        let dot = UInt8(ascii: ".")
        guard parts[0].first != dot, parts[0].last != dot else { return nil }
        text = String(decoding: bytes, as: UTF8.self).lowercased()
    }

    /// From the store, where only checked ones are.
    init(stored text: String) { self.text = text }

    /// What stands before the `@`.
    var localPart: Substring { text.prefix { $0 != "@" } }

    /// Enough for its owner to know it by: `l…@example.org`.
    var masked: String { "\(text.prefix(1))…\(text.drop { $0 != "@" })" }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
            return false
        }
        return label.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}

/// The name shown to others: 1 to 80 characters of any script, without control or direction-changing characters.
struct DisplayName: Sendable, Hashable {
    static let maximumLength = 80
    static let maximumBytes = 400

    let text: String

    /// Nil when it is empty, too long or could disturb the text around it.
    init?(_ raw: String) {
        let text = raw.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        guard !text.isEmpty, text.count <= Self.maximumLength, text.utf8.count <= Self.maximumBytes,
            text.unicodeScalars.allSatisfy(Self.isHarmless)
        else { return nil }
        self.text = text
    }

    /// From the store, where only checked ones are.
    init(stored text: String) { self.text = text }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        }
    }
}
