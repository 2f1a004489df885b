public import System

/// Writes one JSON object of plain members, for payloads of busy topics, where `JSONEncoder` takes twenty times as long.
/// Add members in the order of their names, so that the bytes are those that `EventPayload` has otherwise.
public struct FlatJSON {
    private var bytes: [UInt8] = []

    /// An object without members.
    public init(capacity: Int = 1024) {
        bytes.reserveCapacity(capacity)
    }

    /// Adds a text; nil is left out.
    public mutating func add(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        begin(name)
        append(text)
    }

    /// Adds a null.
    public mutating func addNull(_ name: StaticString) {
        begin(name)
        bytes.append(contentsOf: "null".utf8)
    }

    /// Adds a list of texts; nil is left out.
    public mutating func add(_ name: StaticString, _ texts: [String]?) {
        guard let texts else { return }
        begin(name)
        var separator = UInt8(ascii: "[")
        for text in texts {
            bytes.append(separator)
            append(text)
            separator = UInt8(ascii: ",")
        }
        bytes.append(contentsOf: texts.isEmpty ? "[]".utf8 : "]".utf8)
    }

    /// Adds an instant as RFC 3339 text; nil is left out.
    public mutating func add(_ name: StaticString, _ instant: Timestamp?) {
        guard let instant else { return }
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        instant.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds an id; nil is left out.
    public mutating func add(_ name: StaticString, _ id: Identifier?) {
        guard let id else { return }
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        id.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds a whole number; nil is left out.
    public mutating func add(_ name: StaticString, _ number: Int64?) {
        guard let number else { return }
        begin(name)
        bytes.append(decimal: number)
    }

    /// Adds a truth value.
    public mutating func add(_ name: StaticString, _ flag: Bool) {
        begin(name)
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// The object.
    public consuming func finish() -> [UInt8] {
        bytes.append(contentsOf: bytes.isEmpty ? "{}".utf8 : "}".utf8)
        return bytes
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        if bytes.span.extracting(start..<bytes.count).needsEscape {
            bytes.removeLast(bytes.count - start)
            for byte in text.utf8 { append(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 8259 section 7.
    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 48 + digit : 87 + digit) }
        default: bytes.append(byte)
        }
    }
}

extension Span<UInt8> {
    /// Whether text in JSON cannot hold these bytes as they are (RFC 8259 section 7). All are looked at, many at a time.
    fileprivate var needsEscape: Bool {
        var found: UInt8 = 0
        for index in 0..<count {
            let byte = self[index]
            found |= byte < 0x20 ? 1 : 0
            found |= byte == UInt8(ascii: "\"") ? 1 : 0
            found |= byte == UInt8(ascii: "\\") ? 1 : 0
        }
        return found != 0
    }
}
