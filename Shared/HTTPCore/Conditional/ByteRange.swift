/// Which part of a representation a request asks for (RFC 9110 section 14).
public enum RangeRequest: Sendable, Hashable {
    /// All of it: no Range, another unit, several parts, or a malformed value.
    case whole
    /// One part: 206 with `contentRange`.
    case part(Range<Int64>)
    /// No such part: 416 with `unsatisfiedContentRange`.
    case unsatisfiable

    /// Reads Range for a GET; If-Range with another tag or a date turns it off. Several ranges are answered with the
    /// whole, as RFC 9110 section 14.2 allows.
    public init(_ request: HTTPRequest, length: Int64, tag: EntityTag?) {
        self = .whole
        guard request.method == .get, let value = request.headerFields[.range] else { return }
        if let condition = request.headerFields[.ifRange] {
            guard let tag, let known = EntityTag.list(condition)?.first, known.isStronglyEqual(to: tag) else { return }
        }
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes", !parts[1].contains(",") else { return }
        let ends = parts[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trim)
        guard ends.count == 2 else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (let first?, let last?):
            guard first <= last else { return }
            self = first < length ? .part(first..<min(last, length - 1) + 1) : .unsatisfiable
        case (let first?, nil) where ends[1].isEmpty:
            self = first < length ? .part(first..<length) : .unsatisfiable
        case (nil, let count?) where ends[0].isEmpty:
            self = count > 0 && length > 0 ? .part(max(0, length - count)..<length) : .unsatisfiable
        default: return
        }
    }

    /// The value of Content-Range for a part.
    public static func contentRange(_ part: Range<Int64>, length: Int64) -> String {
        "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
    }

    /// The value of Content-Range for 416.
    public static func unsatisfiedContentRange(length: Int64) -> String { "bytes */\(length)" }

    private static func trim(_ text: Substring) -> Substring {
        var trimmed = text.drop { $0 == " " }
        while trimmed.last == " " { trimmed.removeLast() }
        return trimmed
    }

    /// Digits alone; more than an Int64 holds counts as its maximum.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy(ByteClass.isDigit) else { return nil }
        return Int64(text) ?? Int64.max - 1
    }
}
