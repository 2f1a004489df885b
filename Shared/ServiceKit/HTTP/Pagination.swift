import Contracts
public import HTTPCore
import Security

/// What a list route was asked for: `?limit=&cursor=`.
public struct PageRequest: Sendable, Equatable {
    /// Items of a page when nothing is said.
    public static let defaultLimit = 50
    /// Items a page may have.
    public static let maximumLimit = 200
    private static let version: UInt8 = 1
    private static let filterLength = 8
    private static let cursorLimit = 1024

    /// Items wanted, 1 to 200.
    public let limit: Int
    /// The key of the last item of the page before; nil for the first page.
    public let after: [String]?
    private let filterHash: [UInt8]

    /// Reads the query. `filter` is whatever else decides what the list holds and in which order: a cursor of another
    /// filter is 422 `invalid_cursor`.
    public init(_ query: QueryItems, filter: String = "") throws(Problem) {
        let values = Dictionary(query.items.map { ($0.name, $0.value) }) { first, _ in first }
        filterHash = Array(HashFunction.sha256.digest(filter).prefix(Self.filterLength))
        if let text = values["limit"] {
            guard let number = Int(text), (1...Self.maximumLimit).contains(number) else {
                throw .invalid("limit", "a whole number from 1 to \(Self.maximumLimit)")
            }
            limit = number
        } else {
            limit = Self.defaultLimit
        }
        if let cursor = values["cursor"], !cursor.isEmpty {
            guard let key = Self.decode(cursor, filterHash: filterHash) else { throw Problem(.invalidCursor) }
            after = key
        } else {
            after = nil
        }
    }

    /// The cursor that begins after an item with this key.
    public func cursor(after key: [String]) -> String {
        var bytes = [Self.version] + filterHash
        for part in key {
            let text = Array(part.utf8.prefix(Int(UInt8.max)))
            bytes.append(UInt8(text.count))
            bytes += text
        }
        return Base64.encodeURLSafe(bytes)
    }

    /// Turns up to `limit + 1` items into a page; ask the store for one more than `limit`.
    public func page<Item: Encodable & Sendable>(_ items: [Item], key: (Item) -> [String]) -> Page<Item> {
        guard items.count > limit else { return Page(items: items, nextCursor: nil) }
        let kept = Array(items.prefix(limit))
        return Page(items: kept, nextCursor: kept.last.map { cursor(after: key($0)) })
    }

    private static func decode(_ cursor: String, filterHash: [UInt8]) -> [String]? {
        guard cursor.utf8.count <= cursorLimit, let bytes = Base64.decodeURLSafe(cursor), bytes.first == version,
            bytes.dropFirst().starts(with: filterHash)
        else { return nil }
        var rest = bytes.dropFirst(1 + filterLength)
        var key: [String] = []
        while let length = rest.popFirst() {
            guard rest.count >= Int(length), let text = String(validating: rest.prefix(Int(length)), as: UTF8.self)
            else {
                return nil
            }
            key.append(text)
            rest = rest.dropFirst(Int(length))
        }
        return key.isEmpty ? nil : key
    }
}

/// One page of a list.
public struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    /// The items.
    public var items: [Item]
    /// Where the next page begins; null on the last one.
    public var nextCursor: String?

    /// Makes a page.
    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }

    /// Encodes with `next_cursor` always there.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(items, forKey: .items)
        try values.encode(nextCursor, forKey: .nextCursor)
    }
}
