/// A request's path and query, decoded once and safe to route by: what a second decoder or a file system could read
/// otherwise (`..`, `%2F`, `%5C`, control characters) is refused, never resolved, so no check can be walked around.
public struct RequestPath: Sendable, Hashable {
    /// The decoded segments between the slashes: `/a/b%20c` is `["a", "b c"]`; a trailing slash adds an empty one.
    public let segments: [String]
    /// The query without its `?`, still encoded; nil when there is none.
    public let rawQuery: String?

    /// Most segments a path may have.
    public static let maximumSegments = 64

    /// Nil when the path is not one this server reads: a wrong escape, an empty or dot segment, an encoded slash or
    /// backslash, a control character, or not UTF-8.
    public init?(_ path: String) {
        // Bytes, not characters: no letter of a path is made of a slash.
        let bytes = path.utf8.span
        guard bytes.count > 0, bytes[0] == .slash else { return nil }
        let mark = bytes.firstIndex(of: 0x3F)
        rawQuery = mark.map { String(bytes.extracting($0 + 1..<bytes.count)) }
        let end = mark ?? bytes.count
        var segments: [String] = []
        segments.reserveCapacity(8)
        var start = 1
        while start <= end {
            var stop = start
            while stop < end, bytes[stop] != .slash { stop += 1 }
            guard segments.count < Self.maximumSegments,
                let segment = Self.segment(bytes.extracting(start..<stop)),
                !segment.isEmpty || stop == end
            else { return nil }
            segments.append(segment)
            start = stop + 1
        }
        self.segments = segments == [""] ? [] : segments
    }

    private static func segment(_ written: Span<UInt8>) -> String? {
        let isEncoded = written.firstIndex(of: 0x25) != nil
        let text = String(written)
        guard let segment = isEncoded ? PercentEncoding.decode(text) : text, segment != ".", segment != ".." else {
            return nil
        }
        return segment.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != .slash && $0 != 0x5C } ? segment : nil
    }
}

/// The query of a request as names and values (`application/x-www-form-urlencoded`).
public struct QueryItems: Sendable, Hashable {
    /// Names and values in order, decoded.
    public let items: [Item]

    /// One `name=value`.
    public struct Item: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value; empty when there was no `=`.
        public let value: String
    }

    /// Most items of a query.
    public static let maximumItems = 128

    /// Nil when an escape is wrong, a name or value is not UTF-8, or there are too many items.
    public init?(_ query: String?) {
        var items: [Item] = []
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard items.count < Self.maximumItems, let name = PercentEncoding.decode(pair[0], plusIsSpace: true),
                let value = PercentEncoding.decode(pair.count == 2 ? pair[1] : "", plusIsSpace: true)
            else { return nil }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }

    /// The first value with the name.
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Encodes names and values as a query without `?`.
    public static func encode(_ items: [(String, String)]) -> String {
        items.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }
}
