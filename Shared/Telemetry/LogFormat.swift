import System

/// How a log line is written.
public enum LogFormat: String, Sendable {
    /// One JSON object a line.
    case json
    /// `key=value` pairs, values quoted where they need it.
    case logfmt

    /// The format of `LOG_FORMAT`, read once; `json` when it is absent or unknown.
    public static let fromEnvironment = Environment.value("LOG_FORMAT").flatMap(LogFormat.init(rawValue:)) ?? .json

    /// One line of the fields in the given order, with its line feed. Control characters are escaped, so what a user
    /// sends cannot forge a second line.
    public func line(_ fields: [(String, MetadataValue)]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        if self == .json { bytes.append(UInt8(ascii: "{")) }
        for (index, (key, value)) in fields.enumerated() {
            if index > 0 { bytes.append(self == .json ? UInt8(ascii: ",") : UInt8(ascii: " ")) }
            switch self {
            case .json:
                bytes.appendQuoted(key)
                bytes.append(UInt8(ascii: ":"))
                append(value, to: &bytes)
            case .logfmt:
                bytes.append(contentsOf: key.utf8)
                bytes.append(UInt8(ascii: "="))
                append(value, to: &bytes)
            }
        }
        if self == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func append(_ value: MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text):
            if self == .logfmt, !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 != 34 && $0 != 61 && $0 != 127 }) {
                bytes.append(contentsOf: text.utf8)
            } else {
                bytes.appendQuoted(text)
            }
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .double(let number):
            if number.isFinite {
                bytes.append(contentsOf: String(number).utf8)
            } else {
                bytes.appendQuoted(String(number))
            }
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        }
    }
}

extension [UInt8] {
    /// Appends text as a JSON string (RFC 8259 section 7).
    mutating func appendQuoted(_ text: String) {
        let hexadecimal = Array("0123456789abcdef".utf8)
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(contentsOf: [UInt8(ascii: "\\"), byte])
            case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
            case 0..<32, 127:
                append(contentsOf: "\\u00".utf8)
                append(contentsOf: [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]])
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
