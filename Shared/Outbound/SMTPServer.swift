/// The mail server that takes all mail: `SMTP_URL`, `smtp://[user:password@]host[:port]` or `smtps://…`.
///
/// `smtp` uses STARTTLS when a user is given or `?tls=required` says so; without a user it is plain, for a relay on the
/// same host. `smtps` is TLS from the start.
public struct SMTPServer: Sendable, Equatable {
    /// The URL without user and password.
    let url: String
    let user: String?
    let password: String?
    let requiresTLS: Bool

    /// Nil when the text is no such URL.
    public init?(_ text: String) {
        let schemes = ["smtp://", "smtps://"]
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        var rest = text.dropFirst(scheme.count)
        var requires = scheme == "smtps://"
        if let query = rest.firstIndex(of: "?") {
            guard rest[query...] == "?tls=required" else { return nil }
            requires = true
            rest = rest[..<query]
        }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard credentials.count == 2, let user = Self.decoded(credentials[0]),
                let password = Self.decoded(credentials[1])
            else { return nil }
            self.user = user
            self.password = password
            requires = true
            rest = rest[rest.index(after: at)...]
        } else {
            user = nil
            password = nil
        }
        guard !rest.isEmpty else { return nil }
        url = scheme + rest
        requiresTLS = requires
    }

    /// Percent-decoding; nil when malformed.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
