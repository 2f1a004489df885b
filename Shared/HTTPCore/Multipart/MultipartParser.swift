/// Why a multipart body cannot be read.
public enum MultipartError: Error, Sendable, Hashable {
    /// What stands where a boundary or the head of a part must is neither.
    case malformed
    /// More parts than allowed, or more before the first or in a head.
    case tooLarge
    /// It ends before its last boundary.
    case truncated
}

/// Reads `multipart/form-data` (RFC 7578) as it arrives, without ever holding more than a piece of it: contents are handed
/// on as they come.
///
/// ```
/// --boundary CRLF  head CRLF CRLF  content  CRLF --boundary CRLF  head …  content  CRLF --boundary-- CRLF  epilogue
/// ```
public struct MultipartParser: Sendable {
    /// Something that was found.
    public enum Event: Sendable, Hashable {
        /// A part begins.
        case part(MultipartPart)
        /// More of its content.
        case content(ArraySlice<UInt8>)
        /// The part is whole.
        case partEnd
        /// The last part was; what follows is ignored.
        case end
    }

    /// Parts of a body.
    public static let maximumParts = 64
    /// Bytes of a part's head, and before the first boundary.
    public static let maximumHeadSize = 8 << 10
    /// Characters of a boundary (RFC 2046 section 5.1.1).
    public static let maximumBoundaryLength = 70

    private enum State {
        case preamble
        case afterBoundary
        case head
        case content
        case epilogue
    }

    private let delimiter: [UInt8]
    /// How far the search may go on when the byte under the delimiter's end is another (Horspool).
    private let skips: [Int]
    private var state = State.preamble
    private var pending: [UInt8] = [.carriageReturn, .lineFeed]
    private var parts = 0
    private var skipped = 0

    /// A parser for a Content-Type; nil when that is not `multipart/form-data` with a good boundary.
    public init?(contentType: String) {
        let parts = contentType.split(separator: ";", omittingEmptySubsequences: false)
        guard parts[0].lowercased().filter({ $0 != " " }) == "multipart/form-data" else { return nil }
        let values = parts.dropFirst().compactMap { part -> Substring? in
            let text = part.drop { $0 == " " || $0 == "\t" }
            guard text.lowercased().hasPrefix("boundary=") else { return nil }
            return text.dropFirst("boundary=".count)
        }
        guard values.count == 1, var boundary = values.first else { return nil }
        while boundary.last == " " { boundary.removeLast() }
        if boundary.count >= 2, boundary.first == "\"", boundary.last == "\"" {
            boundary = boundary.dropFirst().dropLast()
        }
        self.init(boundary: String(boundary))
    }

    init?(boundary: String) {
        guard (1...Self.maximumBoundaryLength).contains(boundary.utf8.count), boundary.last != " ",
            boundary.utf8.allSatisfy({ $0 > 0x1F && $0 < 0x7F && $0 != .quote })
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        var skips = [Int](repeating: delimiter.count, count: 256)
        for (index, byte) in delimiter.dropLast().enumerated() { skips[Int(byte)] = delimiter.count - 1 - index }
        self.skips = skips
    }

    /// Takes the next bytes of the body and hands out what they complete.
    public mutating func feed(_ bytes: [UInt8]) throws(MultipartError) -> [Event] {
        pending += bytes
        var events: [Event] = []
        var start = 0
        while let next = try step(from: start, &events) { start = next }
        pending.removeFirst(start)
        return events
    }

    /// Says that the body has ended.
    public func finish() throws(MultipartError) {
        guard case .epilogue = state else { throw .truncated }
    }

    /// Does one step from a place in `pending`; the place to go on from, or nil when more bytes are needed. What was used
    /// is dropped by the caller, so a step that uses bytes and needs more stores where they end.
    private mutating func step(from start: Int, _ events: inout [Event]) throws(MultipartError) -> Int? {
        switch state {
        case .preamble, .content: try readContent(from: start, &events)
        case .afterBoundary: try readBoundaryEnd(from: start, &events)
        case .head: try readHead(from: start, &events)
        case .epilogue: start < pending.count ? pending.count : nil
        }
    }

    private mutating func readContent(from start: Int, _ events: inout [Event]) throws(MultipartError) -> Int? {
        let isContent = if case .content = state { true } else { false }
        let found = firstDelimiter(from: start)
        let end = found ?? max(start, pending.count - (delimiter.count - 1))
        if isContent {
            if end > start { events.append(.content(pending[start..<end])) }
        } else {
            skipped += end - start
            guard skipped <= Self.maximumHeadSize else { throw .tooLarge }
        }
        guard let found else { return end > start ? end : nil }
        if isContent { events.append(.partEnd) }
        state = .afterBoundary
        return found + delimiter.count
    }

    /// `--` after the last boundary, or optional blanks and CRLF.
    private mutating func readBoundaryEnd(from start: Int, _ events: inout [Event]) throws(MultipartError) -> Int? {
        guard pending.count - start >= 2 else { return nil }
        if pending[start] == .hyphen, pending[start + 1] == .hyphen {
            state = .epilogue
            events.append(.end)
            return start + 2
        }
        var place = start
        while place < pending.count, pending[place] == .space || pending[place] == .tab { place += 1 }
        guard place - start <= Self.maximumHeadSize else { throw .tooLarge }
        guard pending.count - place >= 2 else { return nil }
        guard pending[place] == .carriageReturn, pending[place + 1] == .lineFeed else { throw .malformed }
        parts += 1
        guard parts <= Self.maximumParts else { throw .tooLarge }
        state = .head
        return place + 2
    }

    private mutating func readHead(from start: Int, _ events: inout [Event]) throws(MultipartError) -> Int? {
        // A part without a head has no name.
        if pending.count - start >= 2, pending[start] == .carriageReturn, pending[start + 1] == .lineFeed {
            throw .malformed
        }
        var place = start
        while place + 3 < pending.count {
            if pending[place] == .carriageReturn, pending[place + 1] == .lineFeed,
                pending[place + 2] == .carriageReturn, pending[place + 3] == .lineFeed
            {
                guard let part = MultipartPart(head: pending[start..<place]) else { throw .malformed }
                events.append(.part(part))
                state = .content
                return place + 4
            }
            place += 1
            guard place - start <= Self.maximumHeadSize else { throw .tooLarge }
        }
        return nil
    }

    private func firstDelimiter(from start: Int) -> Int? {
        let length = delimiter.count
        var place = start
        while place + length <= pending.count {
            let last = pending[place + length - 1]
            if last == delimiter[length - 1], pending[place..<place + length].elementsEqual(delimiter) { return place }
            place += skips[Int(last)]
        }
        return nil
    }
}
