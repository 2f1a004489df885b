/// The protocol version of a message; any 1.x above 1.1 is read as 1.1 (RFC 9110 section 2.5).
public enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.0: no persistent connection unless asked for, no chunked coding.
    case http10
    /// HTTP/1.1.
    case http11
}
