/// An address that a comment may link to: `http`, `https` and `mailto` alone, written so that a browser reads it as it was
/// judged here.
struct SafeLink: Sendable, Equatable {
    /// Bytes.
    static let maximumLength = 2048

    /// Percent-encoded where RFC 3986 asks for it, and escaped for a quoted attribute.
    let attribute: String

    /// Nil for any other scheme, an empty host, credentials before the host, control characters.
    init?(_ address: String) {
        guard address.utf8.count <= Self.maximumLength,
            let colon = address.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        let scheme = address[..<colon].lowercased()
        let rest = address[address.utf8.index(after: colon)...]
        switch scheme {
        case "http", "https":
            guard rest.hasPrefix("//") else { return nil }
            let authority = rest.dropFirst(2).utf8.prefix { !Self.ends.contains($0) }
            guard !authority.isEmpty, !authority.contains(UInt8(ascii: "@")) else { return nil }
        case "mailto":
            guard rest.utf8.contains(UInt8(ascii: "@")) else { return nil }
        default: return nil
        }
        var encoded = scheme + ":"
        for byte in rest.utf8 {
            guard byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "\\") else { return nil }
            if Self.isAllowed(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        var attribute = ""
        attribute.append(escaping: encoded)
        self.attribute = attribute
    }

    /// `nofollow ugc` tell search engines, `noopener` protects the page that links.
    var openingTag: String { "<a href=\"\(attribute)\" rel=\"nofollow noopener ugc\">" }

    private static let ends: [UInt8] = Array("/?#\\".utf8)

    /// RFC 3986, unreserved and reserved, and the mark of what is encoded already.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(byte)
        }
    }
}
