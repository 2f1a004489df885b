public import System

/// An HTTP request that leaves the machine.
public struct OutboundRequest: Sendable {
    /// The method, such as `POST`.
    public var method: String
    /// The absolute URL, http or https.
    public var url: String
    /// Header fields in order.
    public var headers: [(name: String, value: String)]
    /// The body; nil sends none.
    public var body: OutboundBody?
    /// Signs it as AWS does; nil sends it as it is.
    public var signature: RequestSignature?
    /// Milliseconds for all of it, to the last byte of the answer; nil for what may take as long as it moves.
    public var deadlineMilliseconds: Int?
    /// Seconds without a byte in either direction after which it is given up; while the reader of the answer takes nothing
    /// they do not count.
    public var stallSeconds: Int?
    /// Bytes of answer that `OutboundClient.send` takes.
    public var maximumResponseBytes: Int
    /// Whether addresses outside the public Internet are refused (what users give). Redirects are never followed.
    public var publicOnly: Bool

    /// A request; by default guarded, 15 s, at most 1 MiB of answer.
    public init(
        _ method: String,
        _ url: String,
        headers: [(name: String, value: String)] = [],
        body: OutboundBody? = nil,
        deadlineMilliseconds: Int? = 15_000,
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

/// What a request sends after its header.
public enum OutboundBody: Sendable {
    /// Bytes in memory.
    case bytes([UInt8])
    /// A part of a file, read piece by piece on the client's thread.
    case file(OpenFile, Range<Int64>)

    /// Bytes.
    var size: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): Int64(range.count)
        }
    }
}

/// AWS Signature Version 4 for S3. The caller sends `x-amz-content-sha256`, a path and a query percent-encoded as RFC 3986
/// says, the query in order of name, and `name=` for a name without a value: libcurl signs what it finds.
public struct RequestSignature: Sendable {
    /// Such as `us-east-1`.
    public var region: String
    /// Whose key it is.
    public var accessKey: String
    /// The key.
    public var secretKey: String

    /// Credentials for a region.
    public init(region: String, accessKey: String, secretKey: String) {
        self.region = region
        self.accessKey = accessKey
        self.secretKey = secretKey
    }
}

/// The answer to an `OutboundRequest`, whatever its status.
public struct OutboundResponse: Sendable {
    /// Status and header fields.
    public let head: OutboundHead
    /// The body, complete.
    public let body: [UInt8]

    /// An answer of known content.
    public init(head: OutboundHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    /// The status code.
    public var status: Int { head.status }
    /// The first value of a field, found without regard to case.
    public func header(_ name: String) -> String? { head.header(name) }
}

/// How an answer begins.
public struct OutboundHead: Sendable {
    /// The status code.
    public let status: Int
    /// Header fields in order, names as sent.
    public let headers: [(name: String, value: String)]

    /// The first value of a field, found without regard to case.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
