/// The stream held a line longer than the limit.
public struct EventTooLarge: Error, Hashable, Sendable {}

/// Reads a `text/event-stream` that arrives in pieces (WHATWG HTML section 9.2.6).
public struct EventStreamParser: Sendable {
    /// The last id seen: what to send as `Last-Event-ID`. Empty before the first.
    public private(set) var lastEventID = ""
    /// The reconnection time the server asked for, in milliseconds.
    public private(set) var retry: Int?

    /// Bytes of one event.
    public static let maximumEventBytes = 1 << 20

    private var line: [UInt8] = []
    private var eventBytes = 0
    private var afterReturn = false
    private var isFirstLine = true
    private var id: String?
    private var event: String?
    private var data: [String] = []

    /// A parser at the start of a stream.
    public init() {}

    /// Takes all the bytes and returns the events they complete. An event without data is not one.
    public mutating func receive(_ input: Span<UInt8>) throws(EventTooLarge) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for index in input.indices {
            let byte = input[index]
            defer { afterReturn = byte == .carriageReturn }
            if byte == .lineFeed, afterReturn { continue }
            if byte == .carriageReturn || byte == .lineFeed {
                if let event = endLine() { events.append(event) }
                continue
            }
            eventBytes += 1
            guard eventBytes <= Self.maximumEventBytes else { throw EventTooLarge() }
            line.append(byte)
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        var text = String(decoding: line, as: UTF8.self)[...]
        line.removeAll(keepingCapacity: true)
        if isFirstLine, text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        isFirstLine = false
        guard !text.isEmpty else { return dispatch() }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : ""
        if value.hasPrefix(" ") { value.removeFirst() }
        switch parts[0] {
        case "data": data.append(String(value))
        case "event": event = String(value)
        case "id" where !value.contains("\0"):
            id = String(value)
            lastEventID = String(value)
        case "retry":
            if let milliseconds = Int(value), milliseconds >= 0, value.utf8.allSatisfy(ByteClass.isDigit) {
                retry = milliseconds
            }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            eventBytes = 0
            id = nil
            event = nil
            data.removeAll()
        }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(id: id, event: event, data: data.joined(separator: "\n"), retry: nil)
    }
}
