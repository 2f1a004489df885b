public import System

/// Reads what ``FlatJSON`` writes for payloads of texts and lists of texts: no white space, no escapes, no name twice. Of
/// anything else there is no reader, which says nothing about its worth: it is left to `JSONDecoder`.
public struct FlatJSONReader {
    private struct Member {
        let name: Range<Int>
        let texts: [Range<Int>]
        let isList: Bool
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
            for other in members where bytes[other.name] == bytes[member.name] { return nil }
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
        guard let member = find(name), !member.isList else { return nil }
        return text(member.texts[0])
    }

    /// A list of texts; nil when there is none of the name.
    public func texts(_ name: StaticString) -> [String]? {
        guard let member = find(name), member.isList else { return nil }
        let texts = member.texts.compactMap(text)
        return texts.count == member.texts.count ? texts : nil
    }

    /// An id; nil when there is none of the name.
    public func id(_ name: StaticString) -> Identifier? { text(name).flatMap { Identifier($0) } }

    /// An instant; nil when there is none of the name.
    public func instant(_ name: StaticString) -> Timestamp? { text(name).flatMap { Timestamp(rfc3339: $0) } }

    private func find(_ name: StaticString) -> Member? {
        members.first { member in
            name.withUTF8Buffer { unsafe bytes[member.name].elementsEqual($0) }
        }
    }

    private func text(_ range: Range<Int>) -> String? { String(validating: bytes[range], as: UTF8.self) }

    private mutating func member() -> Member? {
        guard let name = quoted(), skip(":") else { return nil }
        guard skip("[") else { return quoted().map { Member(name: name, texts: [$0], isList: false) } }
        var texts: [Range<Int>] = []
        if skip("]") { return Member(name: name, texts: [], isList: true) }
        repeat {
            guard let text = quoted() else { return nil }
            texts.append(text)
        } while skip(",")
        return skip("]") ? Member(name: name, texts: texts, isList: true) : nil
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
