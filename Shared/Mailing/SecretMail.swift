import Outbound

/// A mail that carries a secret, such as a link that sets a password: written by the service that made the secret, kept
/// sealed until the mail server has taken it.
public struct SecretMail: Codable, Sendable, Equatable {
    /// The receiver's name; empty writes the address alone.
    public var name: String
    /// The receiver's address.
    public var address: String
    /// The subject, any script.
    public var subject: String
    /// The body, plain text: nothing in it can hide where a link goes.
    public var text: String
    /// `Content-Language`, such as `vi`.
    public var language: String?

    /// A mail.
    public init(name: String, address: String, subject: String, text: String, language: String? = nil) {
        self.name = name
        self.address = address
        self.subject = subject
        self.text = text
        self.language = language
    }

    /// The receiver.
    var receiver: MailAddress { MailAddress(name: name, address: address) }
}
