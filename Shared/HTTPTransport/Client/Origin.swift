/// Where a client connects to: a host, which may be a name, and a port.
public struct Origin: Sendable, Hashable, CustomStringConvertible {
    /// The host, IPv6 addresses without brackets.
    public let host: String
    /// The port.
    public let port: UInt16

    /// An origin.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `http://host[:port][/]`; nil for anything else. What leaves the machine over TLS is not this client's.
    public init?(_ url: String) {
        guard url.hasPrefix("http://") else { return nil }
        var rest = url.dropFirst(7)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.isEmpty, !rest.contains(where: { "/?#@".contains($0) }) else { return nil }
        var portText: Substring = "80"
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return nil }
            if !after.isEmpty { portText = after.dropFirst() }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
        } else if let colon = rest.firstIndex(of: ":") {
            portText = rest[rest.index(after: colon)...]
            host = String(rest[..<colon])
        } else {
            host = String(rest)
        }
        guard !host.isEmpty, let port = UInt16(portText), port > 0 else { return nil }
        self.port = port
    }

    /// `host:port` as in a Host field.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
