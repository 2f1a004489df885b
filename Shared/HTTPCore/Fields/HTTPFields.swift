/// The fields of a message in the order received; names compare without regard to case, a name may repeat.
///
/// One array holds all bytes and one the positions, so a parsed head costs two allocations however many fields it has.
/// No value holds CR, LF, NUL or another control character but tab: the parser refuses such bytes, setters write spaces.
public struct HTTPFields: Sendable {
    /// Where one field stands in `bytes`.
    struct Entry: Sendable {
        var hash: UInt32
        var name: Range<UInt32>
        var value: Range<UInt32>

        var nameRange: Range<Int> { Int(name.lowerBound)..<Int(name.upperBound) }
        var valueRange: Range<Int> { Int(value.lowerBound)..<Int(value.upperBound) }
    }

    /// Room for the few fields that middleware adds.
    private static let spareBytes = 256
    private static let spareEntries = 8

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    /// No fields.
    public init() {}

    /// How many field lines there are.
    public var count: Int { entries.count }

    /// True when there is no field.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a field, its lines joined by `, ` (RFC 9110 section 5.3); nil when it is absent. Setting replaces
    /// all lines by one, nil removes them.
    public subscript(name: HTTPField.Name) -> String? {
        get {
            guard let first = firstIndex(of: name) else { return nil }
            var joined = value(at: first)
            for index in entries.indices.dropFirst(first + 1) where matches(entries[index], name) {
                joined += (name == .cookie ? "; " : ", ") + value(at: index)
            }
            return joined
        }
        set {
            removeAll(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// The values of all lines of a field, in order.
    public subscript(values name: HTTPField.Name) -> [String] {
        entries.indices.filter { matches(entries[$0], name) }.map(value(at:))
    }

    /// True when at least one line has the name.
    public func contains(_ name: HTTPField.Name) -> Bool { firstIndex(of: name) != nil }

    /// How many lines have the name.
    public func count(of name: HTTPField.Name) -> Int {
        var count = 0
        for entry in entries where matches(entry, name) { count += 1 }
        return count
    }

    /// Adds a line after those there are. Control characters in the value become spaces.
    public mutating func append(_ name: HTTPField.Name, _ value: String) {
        append(name) { $0.append(contentsOf: value.utf8) }
    }

    /// Adds a line whose value is what `write` appends to the bytes it is given: for values made of parts, without a string
    /// in between. Control characters become spaces.
    public mutating func append(_ name: HTTPField.Name, writing write: (inout [UInt8]) -> Void) {
        if entries.isEmpty {
            bytes.reserveCapacity(Self.spareBytes)
            entries.reserveCapacity(Self.spareEntries)
        }
        let start = bytes.count
        bytes += name.opening
        let middle = bytes.count
        write(&bytes)
        precondition(bytes.count >= middle, "a value is appended")
        let end = bytes.count
        var added = bytes.mutableSpan
        for index in middle..<end where !ByteClass.isFieldValue(added[index]) { added[index] = .space }
        let trimmed = bytes.span.extracting(middle..<end).trimmedRange
        addEntry(
            hash: name.hash,
            name: start..<middle - 2,
            value: middle + trimmed.lowerBound..<middle + trimmed.upperBound
        )
        bytes += HeadSerializer.chunkEnd
    }

    /// Adds a line after those there are.
    public mutating func append(_ field: HTTPField) { append(field.name, field.value) }

    /// Adds the lines of others after those there are.
    public mutating func append(contentsOf others: HTTPFields) {
        let offset = UInt32(bytes.count)
        bytes += others.bytes
        entries.reserveCapacity(entries.count + others.entries.count)
        for entry in others.entries {
            entries.append(
                Entry(
                    hash: entry.hash,
                    name: entry.name.lowerBound + offset..<entry.name.upperBound + offset,
                    value: entry.value.lowerBound + offset..<entry.value.upperBound + offset
                )
            )
        }
    }

    /// Removes all lines with the name.
    public mutating func removeAll(_ name: HTTPField.Name) {
        guard contains(name) else { return }
        let source = bytes
        entries.removeAll { entry in
            entry.hash == name.hash && Self.equals(source.span.extracting(entry.nameRange), name)
        }
        if entries.isEmpty { bytes.removeAll(keepingCapacity: true) }
    }

    /// A copy without the lines of these names, with room for a few more. Without `underscores` it has no line either whose
    /// name holds one: some servers read it as a hyphen, so a proxy must not pass them on (`Content_Length`,
    /// `X_Forwarded_For`).
    public func removing(_ names: HTTPField.Name.Set, underscores: Bool = true) -> HTTPFields {
        var kept = HTTPFields()
        kept.bytes.reserveCapacity(bytes.count + Self.spareBytes)
        kept.entries.reserveCapacity(entries.count + Self.spareEntries)
        kept.bytes += bytes
        let source = bytes.span
        for entry in entries {
            let name = source.extracting(entry.nameRange)
            if names.contains(name, hash: entry.hash) || !underscores && name.firstIndex(of: 0x5F) != nil { continue }
            kept.entries.append(entry)
        }
        return kept
    }

    /// True when a comma-separated list in any line of the field has the member, compared without regard to case.
    /// `member` is in lower case.
    public func contains(_ name: HTTPField.Name, listMember member: String) -> Bool {
        var found = false
        forEachListMember(of: name) { item in
            if item.equalsIgnoringCase(member) { found = true }
        }
        return found
    }

    /// Calls `body` with each non-empty member of the comma-separated lists in all lines of the field.
    func forEachListMember(of name: HTTPField.Name, _ body: (Span<UInt8>) -> Void) {
        let source = bytes.span
        for entry in entries where matches(entry, name) {
            let value = source.extracting(entry.valueRange)
            var start = 0
            while start <= value.count {
                let end = value.firstIndex(of: .comma, from: start) ?? value.count
                let item = value.extracting(start..<end)
                let trimmed = item.trimmedRange
                if !trimmed.isEmpty { body(item.extracting(trimmed)) }
                start = end + 1
            }
        }
    }

    /// The members of the comma-separated lists in all lines of the field, trimmed, empty ones left out.
    public func listMembers(of name: HTTPField.Name) -> [String] {
        var members: [String] = []
        forEachListMember(of: name) { members.append(String($0)) }
        return members
    }

    /// Appends every line as `Name: value` CRLF, but those of the names to leave out.
    public func serialize(into output: inout [UInt8], except names: HTTPField.Name.Set = []) {
        // Lines that stand behind each other as they are to be written go in one piece.
        var run = 0..<0
        for entry in entries where !names.contains(bytes.span.extracting(entry.nameRange), hash: entry.hash) {
            if let line = wholeLine(entry) {
                if line.lowerBound == run.upperBound {
                    run = run.lowerBound..<line.upperBound
                    continue
                }
                output.append(contentsOf: bytes[run])
                run = line
            } else {
                output.append(contentsOf: bytes[run])
                run = 0..<0
                output.append(contentsOf: bytes[entry.nameRange])
                output.append(.colon)
                output.append(.space)
                output.append(contentsOf: bytes[entry.valueRange])
                output.append(.carriageReturn)
                output.append(.lineFeed)
            }
        }
        output.append(contentsOf: bytes[run])
    }

    /// Where a line stands in `bytes` just as it is written: `Name: value` CRLF, with one space and none at the end.
    private func wholeLine(_ entry: Entry) -> Range<Int>? {
        let (name, value) = (entry.nameRange, entry.valueRange)
        guard value.lowerBound == name.upperBound + 2, bytes[name.upperBound + 1] == .space,
            value.upperBound + 1 < bytes.count, bytes[value.upperBound] == .carriageReturn
        else { return nil }
        return name.lowerBound..<value.upperBound + 2
    }

    // MARK: Inside the module

    func value(at index: Int) -> String {
        String(bytes.span.extracting(entries[index].valueRange))
    }

    func firstIndex(of name: HTTPField.Name) -> Int? {
        entries.firstIndex { matches($0, name) }
    }

    func matches(_ entry: Entry, _ name: HTTPField.Name) -> Bool {
        entry.hash == name.hash && Self.equals(bytes.span.extracting(entry.nameRange), name)
    }

    static func equals(_ written: Span<UInt8>, _ name: HTTPField.Name) -> Bool {
        let canonical = name.canonical
        guard written.count == canonical.count else { return false }
        for index in written.indices where ByteClass.lowercased(written[index]) != canonical[index] {
            return false
        }
        return true
    }

    /// For the parser: takes over the whole field section; entries then point into it.
    mutating func adopt(section: Span<UInt8>, capacity: Int) {
        bytes.reserveCapacity(section.count + Self.spareBytes)
        bytes.append(section)
        entries.reserveCapacity(capacity)
    }

    mutating func addEntry(hash: UInt32, name: Range<Int>, value: Range<Int>) {
        entries.append(
            Entry(
                hash: hash,
                name: UInt32(name.lowerBound)..<UInt32(name.upperBound),
                value: UInt32(value.lowerBound)..<UInt32(value.upperBound)
            )
        )
    }
}

extension HTTPFields: Sequence {
    /// Iterates over the field lines in order; makes strings, so hot paths use the subscripts or `serialize`.
    public func makeIterator() -> AnyIterator<HTTPField> {
        var index = 0
        return AnyIterator {
            guard index < entries.count else { return nil }
            defer { index += 1 }
            let name = String(bytes.span.extracting(entries[index].nameRange))
            return HTTPField(name: HTTPField.Name(valid: name), value: value(at: index))
        }
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral, Equatable {
    /// Fields in the order written.
    public init(dictionaryLiteral elements: (HTTPField.Name, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// Equal when the same lines stand in the same order.
    public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.elementsEqual(right)
    }
}
