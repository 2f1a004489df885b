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

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

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
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine, line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        isFirstLine = false
        guard !line.isEmpty else { return dispatch() }
        // By bytes: a combining character behind the colon or the space would make another character of it.
        let colon = line.firstIndex(of: .colon) ?? line.endIndex
        var rest = line[colon...].dropFirst()
        if rest.first == .space { rest = rest.dropFirst() }
        let value = String(decoding: rest, as: UTF8.self)
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data": data.append(value)
        case "event": event = value
        case "id" where !rest.contains(0):
            id = value
            lastEventID = value
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
