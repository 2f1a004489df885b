/// An event of a `text/event-stream` (WHATWG HTML section 9.2).
public struct ServerSentEvent: Sendable, Hashable {
    /// Where the stream can be taken up again; nil leaves the client's last id as it is.
    public var id: String?
    /// The event's type; nil is `message`.
    public var event: String?
    /// The payload, lines separated by LF.
    public var data: String
    /// How long a client waits before it connects again, in milliseconds.
    public var retry: Int?

    /// An event.
    public init(id: String? = nil, event: String? = nil, data: String, retry: Int? = nil) {
        self.id = id
        self.event = event
        self.data = data
        self.retry = retry
    }

    /// A line clients ignore: keeps the connection open.
    public static let heartbeat = Array(":\n\n".utf8)

    /// Appends the event. Line breaks and NUL in id and type are left out, every line break in the data starts a new
    /// `data` line: no text can make up a field.
    public func append(to output: inout [UInt8]) {
        if let id { Self.append("id: ", id.utf8.filter(Self.isPlain), to: &output) }
        if let event { Self.append("event: ", event.utf8.filter(Self.isPlain), to: &output) }
        if let retry { Self.append("retry: ", Array(String(retry).utf8), to: &output) }
        var line: [UInt8] = []
        var afterReturn = false
        for byte in data.utf8 {
            if byte == .lineFeed, afterReturn {
                afterReturn = false
                continue
            }
            afterReturn = byte == .carriageReturn
            if byte == .carriageReturn || byte == .lineFeed {
                Self.append("data: ", line, to: &output)
                line.removeAll(keepingCapacity: true)
            } else {
                line.append(byte)
            }
        }
        Self.append("data: ", line, to: &output)
        output.append(.lineFeed)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte != .carriageReturn && byte != .lineFeed && byte != 0
    }

    private static func append(_ name: String, _ value: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: value)
        output.append(.lineFeed)
    }
}
