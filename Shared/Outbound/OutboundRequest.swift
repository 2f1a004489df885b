/// An HTTP request that leaves the machine.
public struct OutboundRequest: Sendable {
    /// The method, such as `POST`.
    public var method: String
    /// The absolute URL, http or https.
    public var url: String
    /// Header fields in order.
    public var headers: [(name: String, value: String)]
    /// The body; nil sends none.
    public var body: [UInt8]?
    /// Milliseconds for all of it.
    public var deadlineMilliseconds: Int
    /// Bytes of answer that are taken.
    public var maximumResponseBytes: Int
    /// Whether addresses outside the public Internet are refused (what users give). Redirects are never followed.
    public var publicOnly: Bool

    /// A request; by default guarded, 15 s, at most 1 MiB of answer.
    public init(
        _ method: String,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        deadlineMilliseconds: Int = 15_000,
        maximumResponseBytes: Int = 1 << 20,
        publicOnly: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadlineMilliseconds = deadlineMilliseconds
        self.maximumResponseBytes = maximumResponseBytes
        self.publicOnly = publicOnly
    }
}

/// The answer to an `OutboundRequest`, whatever its status.
public struct OutboundResponse: Sendable {
    /// The status code.
    public let status: Int
    /// Header fields in order, names as sent.
    public let headers: [(name: String, value: String)]
    /// The body, complete.
    public let body: [UInt8]

    /// The first value of a field, found without regard to case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
