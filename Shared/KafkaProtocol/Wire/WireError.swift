/// Why bytes are no message of the protocol.
public enum WireError: Error, Sendable, Equatable {
    /// The message ends inside a field.
    case truncated
    /// A length or count is negative where it may not be, or more than the message holds.
    case invalidLength
    /// A variable-length integer of more bytes than its type has.
    case invalidVarint
    /// A text that is not UTF-8.
    case invalidText
    /// An absent value where the protocol demands one.
    case unexpectedNull
    /// An API key or version that has no codec here.
    case unsupported
}
