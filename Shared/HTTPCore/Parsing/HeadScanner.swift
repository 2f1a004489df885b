/// Finds the end of a message head in a growing buffer without reading any byte twice, and refuses early what can no
/// longer become one: over-long lines, bare line feeds, a first byte no method begins with.
///
/// One scanner serves one head; the caller hands in the same buffer again, grown at its end.
struct HeadScanner {
    /// Where the start line begins, once it has begun: empty lines may stand before it.
    private(set) var start = 0
    private let limits: HTTPLimits
    private let isRequest: Bool
    private var position = 0
    private var lineStart = 0
    private var lines = 0
    private var emptyLines = 0
    private var fieldsStart = 0

    init(limits: HTTPLimits, isRequest: Bool) {
        self.limits = limits
        self.isRequest = isRequest
    }

    /// The offset behind the head's closing empty line; nil while it has not arrived.
    mutating func end(in bytes: Span<UInt8>) throws(HTTPParseError) -> Int? {
        while position < bytes.count {
            if lines == 0, position == lineStart {
                let first = bytes[position]
                guard first == .carriageReturn || first == .lineFeed || ByteClass.isToken(first) else {
                    throw .malformedRequestLine
                }
            }
            guard let lineFeed = bytes.firstIndex(of: .lineFeed, from: position) else {
                position = bytes.count
                break
            }
            position = lineFeed + 1
            guard position - lineStart >= 2, bytes[position - 2] == .carriageReturn else { throw .invalidLineEnding }
            if try lineEnded(bytes) { return position }
            lineStart = position
        }
        try checkLimits()
        return nil
    }

    /// True at the empty line that ends the head.
    private mutating func lineEnded(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        try checkLimits()
        if position - lineStart == 2 {
            if lines > 0 { return true }
            emptyLines += 1
            guard emptyLines <= HTTPLimits.leadingEmptyLines else { throw .invalidLineEnding }
            start = position
            return false
        }
        lines += 1
        if lines == 1 {
            fieldsStart = position
            if isRequest { try checkVersion(bytes.extracting(lineStart..<position - 2)) }
        } else if lines - 1 > limits.fieldCount {
            throw .tooManyFields
        }
        return false
    }

    private func checkLimits() throws(HTTPParseError) {
        if lines == 0, position - lineStart > limits.lineBytes { throw .targetTooLong }
        if lines > 0, position - fieldsStart > limits.fieldBytes { throw .fieldsTooLarge }
    }

    /// A request line without a version is HTTP/0.9, whose client would wait for us for ever.
    private func checkVersion(_ line: Span<UInt8>) throws(HTTPParseError) {
        guard line.count >= 9, line[line.count - 9] == .space else { throw .malformedRequestLine }
    }
}
