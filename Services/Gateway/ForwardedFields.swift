import HTTPCore

/// What of a message's fields goes on to the other side (RFC 9110 section 7.6).
enum ForwardedFields {
    /// Fields of one connection, besides those Connection names.
    private static let hopByHop: [HTTPField.Name] = [
        .connection, .proxyConnection, .keepAlive, .te, .trailer, .transferEncoding, .upgrade, .expect,
    ]
    /// Fields Connection may not name away: without them a request would mean something else behind the gateway.
    private static let kept: Set<String> = [
        "host", "content-length", "content-type", "authorization", "cookie", "traceparent", "x-request-id",
    ]
    /// Who somebody is follows from the token alone; from outside these fields would be claims.
    private static let identity = ["X-User-Id", "X-User-Roles", "X-Session-Id", "X-Internal-Secret", "X-Real-IP"]
        .compactMap { HTTPField.Name($0) }
    /// What a request loses: the gateway says anew what of it is true.
    private static let replaced = HTTPField.Name.Set(
        hopByHop + identity + [.host, .forwarded, .xForwardedFor, .xForwardedHost, .xForwardedProto, .traceParent]
    )
    /// Values of Connection that name nothing else, as most are.
    private static let harmless = ["keep-alive", "close"]
    private static let dropped = HTTPField.Name.Set(hopByHop)

    /// What the gateway knows about a request and tells the service.
    struct Client {
        var address: String
        var host: String?
        var isSecure: Bool
        var traceparent: String?
    }

    /// The fields of a request for the service behind.
    static func ofRequest(_ fields: HTTPFields, _ client: Client) -> HTTPFields {
        var fields = withoutNamed(fields, replaced, underscores: false)
        fields.append(.xForwardedFor, client.address)
        if let host = client.host { fields.append(.xForwardedHost, host) }
        fields.append(.xForwardedProto, client.isSecure ? "https" : "http")
        if let traceparent = client.traceparent { fields.append(.traceParent, traceparent) }
        fields.append(.via, "1.1 marquee")
        return fields
    }

    /// The fields of a response for the client.
    static func ofResponse(_ fields: HTTPFields) -> HTTPFields {
        withoutNamed(fields, dropped, underscores: true)
    }

    /// The fields without those, and without what Connection names.
    private static func withoutNamed(
        _ fields: HTTPFields,
        _ names: HTTPField.Name.Set,
        underscores: Bool
    ) -> HTTPFields {
        var remaining = fields.removing(names, underscores: underscores)
        guard let options = fields[.connection], !harmless.contains(options) else { return remaining }
        for name in fields.listMembers(of: .connection) where !kept.contains(name.lowercased()) {
            if let name = HTTPField.Name(name) { remaining.removeAll(name) }
        }
        return remaining
    }
}
