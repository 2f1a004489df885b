public import System

/// Reads what ``FlatJSON`` writes for payloads of texts, lists of texts, whole numbers and truth values: no white space,
/// no escapes, no name twice. Of anything else there is no reader, which says nothing about its worth: it is left to
/// `JSONDecoder`.
public struct FlatJSONReader {
    private struct Member {
        enum Value {
            case text(Range<Int>)
            case list([Range<Int>])
            case number(Int64)
            case flag(Bool)
        }

        let name: Range<Int>
        let value: Value
    }

    private let bytes: [UInt8]
    private var members: [Member] = []
    private var position = 0

    /// Nil for what is not written like that.
    public init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard skip("{") else { return nil }
        repeat {
            guard let member = member() else { return nil }
            for other in members where isSame(other.name, member.name) { return nil }
            members.append(member)
        } while skip(",")
        guard skip("}"), position == bytes.count else { return nil }
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there is no such member.
    public func isAbsent(_ name: StaticString) -> Bool { find(name) == nil }

    /// A text; nil when there is none of the name.
    public func text(_ name: StaticString) -> String? {
        guard case .text(let range) = find(name)?.value else { return nil }
        return text(range)
    }

    /// A list of texts; nil when there is none of the name.
    public func texts(_ name: StaticString) -> [String]? {
        guard case .list(let ranges) = find(name)?.value else { return nil }
        let texts = ranges.compactMap(text)
        return texts.count == ranges.count ? texts : nil
    }

    /// A whole number; nil when there is none of the name.
    public func number(_ name: StaticString) -> Int64? {
        guard case .number(let number) = find(name)?.value else { return nil }
        return number
    }

    /// A truth value; nil when there is none of the name.
    public func flag(_ name: StaticString) -> Bool? {
        guard case .flag(let flag) = find(name)?.value else { return nil }
        return flag
    }

    /// An id; nil when there is none of the name.
    public func id(_ name: StaticString) -> Identifier? { text(name).flatMap { Identifier($0) } }

    /// An instant; nil when there is none of the name.
    public func instant(_ name: StaticString) -> Timestamp? { text(name).flatMap { Timestamp(rfc3339: $0) } }

    private func find(_ name: StaticString) -> Member? {
        let count = name.utf8CodeUnitCount
        return members.first { member in
            guard member.name.count == count else { return false }
            return name.withUTF8Buffer { unsafe bytes[member.name].elementsEqual($0) }
        }
    }

    private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        left.count == right.count && bytes[left] == bytes[right]
    }

    private func text(_ range: Range<Int>) -> String? { String(validating: bytes[range], as: UTF8.self) }

    private mutating func member() -> Member? {
        guard let name = quoted(), skip(":") else { return nil }
        return value().map { Member(name: name, value: $0) }
    }

    private mutating func value() -> Member.Value? {
        guard skip("[") else { return quoted().map { .text($0) } ?? digits().map { .number($0) } ?? word() }
        var texts: [Range<Int>] = []
        if skip("]") { return .list([]) }
        repeat {
            guard let text = quoted() else { return nil }
            texts.append(text)
        } while skip(",")
        return skip("]") ? .list(texts) : nil
    }

    private mutating func word() -> Member.Value? {
        for (text, flag) in [("true", true), ("false", false)] where bytes[position...].starts(with: text.utf8) {
            position += text.utf8.count
            return .flag(flag)
        }
        return nil
    }

    /// A whole number as `FlatJSON` writes it: no leading zeros, no fraction.
    private mutating func digits() -> Int64? {
        let start = position
        let isNegative = skip("-")
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        let first = isNegative ? start + 1 : start
        guard first < position, bytes[first] != UInt8(ascii: "0") || position == first + 1 && !isNegative else {
            return nil
        }
        return Int64(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// What stands between two quotation marks.
    private mutating func quoted() -> Range<Int>? {
        guard skip("\"") else { return nil }
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return start..<(position - 1)
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
            position += 1
        }
        return nil
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
