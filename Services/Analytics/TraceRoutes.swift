import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// What one call caused: every request, event and consumer of its trace, as a tree. For admins.
struct TraceRoutes: Sendable {
    /// Items of an answer at most.
    static let itemLimit = 2000

    let database: Database
    let tokens: TokenChecker
    let clock: WallClock

    func add(to router: inout Router) {
        router.get("/v1/admin/trace/:trace_id", tokens.role(.admin, handler: show))
    }

    @Sendable private func show(_ request: Request, _ token: AccessToken) async throws -> Response {
        let text = request.parameters["trace_id"] ?? ""
        guard let trace = TraceItem.bytes(ofHexadecimal: text) else { throw Problem(.notFound) }
        let now = clock.now
        let items = try await database.read { connection in
            try connection.items(ofTrace: trace, at: now, limit: Self.itemLimit + 1)
        }
        guard !items.isEmpty else { throw Problem(.notFound) }
        return try .json(TraceTree(text, items, limit: Self.itemLimit), [.cacheControl: "no-cache"])
    }
}

/// A trace as its reader sees it.
struct TraceTree: Encodable, Sendable {
    /// An item with what it caused.
    struct Node: Encodable, Sendable {
        let item: TraceItem
        var children: [Node] = []

        enum CodingKeys: String, CodingKey {
            case id, kind, name, service, time, status, topic, partition, offset, children
            case milliseconds = "duration_ms"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(item.id, forKey: .id)
            try values.encode(item.kind.rawValue, forKey: .kind)
            try values.encode(item.name, forKey: .name)
            try values.encode(item.service, forKey: .service)
            try values.encode(item.time, forKey: .time)
            try values.encodeIfPresent(item.durationMicroseconds.map { Double($0) / 1000 }, forKey: .milliseconds)
            try values.encodeIfPresent(item.status, forKey: .status)
            try values.encodeIfPresent(item.topic, forKey: .topic)
            try values.encodeIfPresent(item.partition, forKey: .partition)
            try values.encodeIfPresent(item.offset, forKey: .offset)
            try values.encode(children, forKey: .children)
        }
    }

    /// Causes that an item may have above it; what is deeper hangs at the top.
    static let depthLimit = 64

    let traceID: String
    let items: Int
    let isTruncated: Bool
    let roots: [Node]

    /// Hangs each item below what caused it; what caused an item may have been lost: it then hangs at the top.
    init(_ traceID: String, _ items: [TraceItem], limit: Int) {
        let kept = items.prefix(limit)
        self.traceID = traceID
        self.items = kept.count
        isTruncated = items.count > limit
        let ids = Set(kept.map(\.id))
        var children: [String: [TraceItem]] = [:]
        var tops: [TraceItem] = []
        for item in kept {
            let parent = [item.parent, item.cause].compactMap(\.self).first { ids.contains($0) && $0 != item.id }
            if let parent { children[parent, default: []].append(item) } else { tops.append(item) }
        }
        roots = tops.map { Self.node($0, &children, depth: 0) }
    }

    /// Takes the children away, so a circle ends.
    private static func node(_ item: TraceItem, _ children: inout [String: [TraceItem]], depth: Int) -> Node {
        guard depth < depthLimit else { return Node(item: item) }
        let below = children.removeValue(forKey: item.id) ?? []
        return Node(item: item, children: below.map { node($0, &children, depth: depth + 1) })
    }

    enum CodingKeys: String, CodingKey {
        case traceID = "trace_id"
        case isTruncated = "truncated"
        case items, roots
    }
}
