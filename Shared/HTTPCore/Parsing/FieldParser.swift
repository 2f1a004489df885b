/// Parses the field section of a head (RFC 9112 section 5), strictly: no folding, no space around names, no control
/// character in values.
enum FieldParser {
    /// `section` begins behind the start line and ends with the head's empty line.
    static func parse(_ section: Span<UInt8>, limits: HTTPLimits) throws(HTTPParseError) -> HTTPFields {
        var fields = HTTPFields()
        fields.adopt(section: section.extracting(0..<section.count - 2), capacity: 16)
        var start = 0
        while start < section.count - 2 {
            guard fields.count < limits.fieldCount else { throw .tooManyFields }
            start = try parseLine(section, from: start, into: &fields)
        }
        return fields
    }

    /// Returns where the next line begins.
    private static func parseLine(
        _ section: Span<UInt8>,
        from start: Int,
        into fields: inout HTTPFields
    ) throws(HTTPParseError) -> Int {
        var index = start
        var hash: UInt32 = 0x811c_9dc5
        while ByteClass.isToken(section[index]) {
            hash = (hash ^ UInt32(ByteClass.lowercased(section[index]))) &* 0x0100_0193
            index += 1
        }
        guard index > start, section[index] == .colon else { throw .invalidField }
        let name = start..<index
        index += 1
        let valueStart = index
        index = section.endOfFieldValue(from: index)
        guard section[index] == .carriageReturn, section[index + 1] == .lineFeed else { throw .invalidField }
        let trimmed = section.extracting(valueStart..<index).trimmedRange
        fields.addEntry(
            hash: hash,
            name: name,
            value: valueStart + trimmed.lowerBound..<valueStart + trimmed.upperBound
        )
        return index + 2
    }

    /// `HTTP/1.0` or `HTTP/1.1` (case matters, RFC 9112 section 2.3).
    static func version(_ bytes: Span<UInt8>) throws(HTTPParseError) -> HTTPVersion {
        guard bytes.count == 8, bytes[0] == 0x48, bytes[1] == 0x54, bytes[2] == 0x54, bytes[3] == 0x50,
            bytes[4] == .slash, ByteClass.isDigit(bytes[5]), bytes[6] == 0x2E, ByteClass.isDigit(bytes[7])
        else { throw .invalidVersion }
        guard bytes[5] == 0x31 else { throw .unsupportedVersion }
        return bytes[7] == 0x30 ? .http10 : .http11
    }
}
