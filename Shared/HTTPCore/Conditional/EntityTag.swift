public import System

/// An entity tag (RFC 9110 section 8.8.3).
public struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// What stands between the quotes.
    public let value: String
    /// True when equal tags mean equal in meaning, not byte by byte.
    public let isWeak: Bool

    /// A tag; characters that may not stand in one are left out.
    public init(_ value: String, isWeak: Bool = false) {
        self.value = String(decoding: value.utf8.filter(Self.isLetter), as: UTF8.self)
        self.isWeak = isWeak
    }

    /// As it is written in a field.
    public var description: String { (isWeak ? "W/" : "") + "\"\(value)\"" }

    /// Both are strong and equal: what If-Match and If-Range ask.
    public func isStronglyEqual(to other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && value == other.value
    }

    /// Equal, weak or not: what If-None-Match asks.
    public func isWeaklyEqual(to other: EntityTag) -> Bool { value == other.value }

    /// Reads a list of tags; nil when it is malformed.
    static func list(_ text: String) -> [EntityTag]? {
        var tags: [EntityTag] = []
        var rest = text.utf8[...]
        while true {
            rest = rest.drop { $0 == .space || $0 == .tab || $0 == .comma }
            guard !rest.isEmpty else { return tags }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == .quote else { return nil }
            let value = rest.dropFirst().prefix(while: isLetter)
            guard value.endIndex < rest.endIndex, rest[value.endIndex] == .quote else { return nil }
            tags.append(EntityTag(String(decoding: value, as: UTF8.self), isWeak: isWeak))
            rest = rest[rest.index(after: value.endIndex)...]
            guard rest.first.map({ $0 == .comma || $0 == .space || $0 == .tab }) ?? true else { return nil }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == 0x21 || byte >= 0x23 && byte != 0x7F
    }
}

/// Whether a conditional request may go on (RFC 9110 section 13).
public enum PreconditionResult: Sendable, Hashable {
    /// Do it.
    case proceed
    /// 304: the client has it.
    case notModified
    /// 412: it is not what the client thinks.
    case failed
}

/// Evaluates the conditional fields of requests.
public enum Precondition {
    /// In the order of RFC 9110 section 13.2.2. `tag` and `lastModified` are of what is there now, nil when nothing is.
    /// A malformed list of tags matches nothing.
    public static func evaluate(
        _ request: HTTPRequest,
        tag: EntityTag?,
        lastModified: Timestamp? = nil
    ) -> PreconditionResult {
        let fields = request.headerFields
        if let value = fields[.ifMatch] {
            guard matches(value, tag, strongly: true) else { return .failed }
        } else if let date = fields[.ifUnmodifiedSince].flatMap(HTTPDate.parse), let lastModified {
            guard lastModified.wholeSeconds <= date.wholeSeconds else { return .failed }
        }
        let isRead = request.method == .get || request.method == .head
        if let value = fields[.ifNoneMatch] {
            if matches(value, tag, strongly: false) { return isRead ? .notModified : .failed }
        } else if isRead, let date = fields[.ifModifiedSince].flatMap(HTTPDate.parse), let lastModified {
            if lastModified.wholeSeconds <= date.wholeSeconds { return .notModified }
        }
        return .proceed
    }

    private static func matches(_ value: String, _ tag: EntityTag?, strongly: Bool) -> Bool {
        guard let tag else { return false }
        if value == "*" { return true }
        return EntityTag.list(value)?.contains { strongly ? $0.isStronglyEqual(to: tag) : $0.isWeaklyEqual(to: tag) }
            ?? false
    }
}

extension Timestamp {
    fileprivate var wholeSeconds: Int64 { milliseconds / 1000 }
}
