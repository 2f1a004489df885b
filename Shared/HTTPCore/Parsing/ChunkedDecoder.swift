/// Decodes the chunked transfer coding (RFC 9112 section 7.1), strictly: every line ends with CRLF, sizes are 1 to 15
/// hexadecimal digits, extensions are checked and dropped, trailers are checked and dropped.
///
///     size [; ext] CRLF data CRLF … 0 [; ext] CRLF *(trailer CRLF) CRLF
struct ChunkedDecoder: Sendable {
    private enum State: Sendable {
        case size(digits: Int)
        case chunkExtension(ExtensionState)
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case endLineFeed
        case end
    }

    private enum ExtensionState: Sendable {
        case nameStart
        case name
        case valueStart
        case token
        case quoted
        case quotedPair
        case afterQuoted
    }

    private var state = State.size(digits: 0)
    private var remaining = 0
    private var extensionBytes = 0
    private var trailerBytes = 0

    var isComplete: Bool {
        if case .end = state { return true }
        return false
    }

    /// See `BodyDecoder.next`.
    mutating func next(_ input: Span<UInt8>) throws(HTTPParseError) -> BodyPiece {
        var index = 0
        while index < input.count {
            if case .end = state { break }
            if case .data = state {
                let count = min(remaining, input.count - index)
                remaining -= count
                if remaining == 0 { state = .dataCarriageReturn }
                return BodyPiece(framing: index, data: count)
            }
            try consume(input[index])
            index += 1
        }
        return BodyPiece(framing: index, data: 0)
    }

    private mutating func consume(_ byte: UInt8) throws(HTTPParseError) {
        switch state {
        case .size(let digits): try consumeSize(byte, digits: digits)
        case .chunkExtension(let part): try consumeExtension(byte, part)
        case .sizeLineFeed:
            try expect(byte, .lineFeed)
            state = remaining == 0 ? .trailerStart : .data
        case .dataCarriageReturn:
            try expect(byte, .carriageReturn)
            state = .dataLineFeed
        case .dataLineFeed:
            try expect(byte, .lineFeed)
            state = .size(digits: 0)
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed: try consumeTrailer(byte)
        case .endLineFeed:
            try expect(byte, .lineFeed)
            state = .end
        case .data, .end: break
        }
    }

    private func expect(_ byte: UInt8, _ expected: UInt8) throws(HTTPParseError) {
        guard byte == expected else { throw .invalidChunk }
    }

    private mutating func consumeSize(_ byte: UInt8, digits: Int) throws(HTTPParseError) {
        if let value = ByteClass.hexValue(byte) {
            guard digits < HTTPLimits.chunkSizeDigits else { throw .invalidChunk }
            remaining = remaining << 4 | Int(value)
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .invalidChunk }
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case .semicolon: state = .chunkExtension(.nameStart)
        default: throw .invalidChunk
        }
    }

    /// `;name`, `;name=token` or `;name="quoted"`; the count is kept over the whole body, or a flood of one-byte chunks
    /// with long extensions would pass.
    private mutating func consumeExtension(_ byte: UInt8, _ part: ExtensionState) throws(HTTPParseError) {
        extensionBytes += 1
        guard extensionBytes <= HTTPLimits.chunkExtensionBytes else { throw .chunkExtensionsTooLarge }
        switch (part, byte) {
        case (.name, .carriageReturn), (.token, .carriageReturn), (.afterQuoted, .carriageReturn):
            state = .sizeLineFeed
        case (.name, .semicolon), (.token, .semicolon), (.afterQuoted, .semicolon):
            state = .chunkExtension(.nameStart)
        case (.nameStart, _) where ByteClass.isToken(byte), (.name, _) where ByteClass.isToken(byte):
            state = .chunkExtension(.name)
        case (.name, 0x3D): state = .chunkExtension(.valueStart)
        case (.valueStart, .quote): state = .chunkExtension(.quoted)
        case (.valueStart, _) where ByteClass.isToken(byte), (.token, _) where ByteClass.isToken(byte):
            state = .chunkExtension(.token)
        case (.quoted, .quote): state = .chunkExtension(.afterQuoted)
        case (.quoted, 0x5C): state = .chunkExtension(.quotedPair)
        case (.quoted, _) where ByteClass.isFieldValue(byte), (.quotedPair, _) where ByteClass.isFieldValue(byte):
            state = .chunkExtension(.quoted)
        default: throw .invalidChunk
        }
    }

    private mutating func consumeTrailer(_ byte: UInt8) throws(HTTPParseError) {
        trailerBytes += 1
        guard trailerBytes <= HTTPLimits.trailerBytes else { throw .fieldsTooLarge }
        switch (state, byte) {
        case (.trailerStart, .carriageReturn): state = .endLineFeed
        case (.trailerStart, _) where ByteClass.isToken(byte), (.trailerName, _) where ByteClass.isToken(byte):
            state = .trailerName
        case (.trailerName, .colon): state = .trailerValue
        case (.trailerValue, .carriageReturn): state = .trailerLineFeed
        case (.trailerValue, _) where ByteClass.isFieldValue(byte): break
        case (.trailerLineFeed, .lineFeed): state = .trailerStart
        default: throw .invalidField
        }
    }
}
