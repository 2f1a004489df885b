import Security
public import System

/// A mail as people write it; `bytes` is its RFC 5322 form.
public struct MailMessage: Sendable, Equatable {
    /// The sender: a name (any script) and an address.
    public var from: MailAddress
    /// The receiver.
    public var to: MailAddress
    /// The subject, any script.
    public var subject: String
    /// The body as plain text.
    public var text: String
    /// The body as HTML; nil sends plain text only.
    public var html: String?
    /// `Message-ID` without brackets, such as `018f…@marquee.example`: the same for every try, so receivers drop repeats.
    public var messageID: String
    /// When it was written.
    public var date: Timestamp
    /// `Content-Language`, such as `vi`.
    public var language: String?
    /// Where one request ends mails of this kind (RFC 8058): a POST, without a session; nil for mails that cannot be ended.
    public var unsubscribe: String?

    /// A mail.
    public init(
        from: MailAddress,
        to: MailAddress,
        subject: String,
        text: String,
        html: String? = nil,
        messageID: String,
        date: Timestamp,
        language: String? = nil,
        unsubscribe: String? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
        self.language = language
        self.unsubscribe = unsubscribe
    }

    /// The message with CRLF line ends (RFC 5322, 2045, 2047); bodies in base64, so any script and length passes.
    ///
    /// - Throws: `invalid` when a header would hold a line break.
    public func bytes() throws(OutboundError) -> [UInt8] {
        try from.check()
        try to.check()
        try checkLine(subject, "the subject")
        try checkLine(messageID, "the message id")
        try checkLine(language ?? "", "the language")
        try checkLine(unsubscribe ?? "", "the address to unsubscribe")
        var lines = [
            "From: \(from.header)", "To: \(to.header)", "Subject: \(EncodedWord.encode(subject))",
            "Message-ID: <\(messageID)>", "Date: \(MailDate.text(date))", "MIME-Version: 1.0",
            "Auto-Submitted: auto-generated",
        ]
        if let language { lines.append("Content-Language: \(language)") }
        if let unsubscribe {
            lines += ["List-Unsubscribe: <\(unsubscribe)>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
        }
        if let html {
            // Base64 holds no hyphen, so no line of a body can be the boundary.
            let boundary = "=-marquee-alternative"
            lines += ["Content-Type: multipart/alternative; boundary=\"\(boundary)\"", ""]
            for (kind, body) in [("plain", text), ("html", html)] { lines += ["--\(boundary)"] + Self.part(kind, body) }
            lines += ["--\(boundary)--", ""]
        } else {
            lines += Self.part("plain", text)
        }
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func part(_ kind: String, _ body: String) -> [String] {
        let encoded = Array(Base64.encode(Array(body.utf8)))
        let rows = stride(from: 0, to: encoded.count, by: 76).map { String(encoded[$0..<min($0 + 76, encoded.count)]) }
        return ["Content-Type: text/\(kind); charset=utf-8", "Content-Transfer-Encoding: base64", ""] + rows + [""]
    }
}

/// A mailbox: a name for people and an address.
public struct MailAddress: Sendable, Hashable {
    /// The name; empty writes the address alone.
    public var name: String
    /// `local@domain`.
    public var address: String

    /// A mailbox.
    public init(name: String = "", address: String) {
        self.name = name
        self.address = address
    }

    var header: String { name.isEmpty ? "<\(address)>" : "\(EncodedWord.encode(name, isPhrase: true)) <\(address)>" }

    func check() throws(OutboundError) {
        try checkLine(name, "a name")
        try checkLine(address, "an address")
        let hasOddCharacter = address.contains { $0 == "<" || $0 == ">" || $0 == " " || $0 == "," }
        guard !hasOddCharacter, address.contains("@"), address.utf8.count <= 254 else {
            throw OutboundError(.invalid, "not a mail address")
        }
    }
}
