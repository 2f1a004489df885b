import FoundationEssentials
public import HTTPCore
public import HTTPTransport

extension Response {
    /// A JSON body; keys are sorted, so equal values are equal bytes.
    public static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        _ fields: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var fields = fields
        fields[.contentType] = "application/json"
        return try Response(status, fields, body: .bytes(Array(encoder.encode(value))))
    }

    /// A page of a list: its items, `next_cursor` and the `Link` to the next page.
    public static func page(_ page: Page<some Encodable & Sendable>, of request: Request) throws -> Response {
        try .json(page, try request.link(to: page.nextCursor))
    }

    /// A page of items that are JSON already.
    public static func page(items: [[UInt8]], nextCursor: String?, of request: Request) throws -> Response {
        var body = Array(#"{"items":["#.utf8)
        body.reserveCapacity(items.reduce(100) { $0 + $1.count + 1 })
        for (index, item) in items.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += item
        }
        // A cursor is base64url.
        body += (nextCursor.map { #"],"next_cursor":"\#($0)"}"# } ?? #"],"next_cursor":null}"#).utf8
        var fields = try request.link(to: nextCursor)
        fields[.contentType] = "application/json"
        return Response(.ok, fields, body: .bytes(body))
    }

    /// 204.
    public static var noContent: Response { Response(.noContent) }
}

extension Request {
    /// The `Link` to the next page of this list; none without a cursor.
    public func link(to cursor: String?) throws(Problem) -> HTTPFields {
        guard let cursor else { return [:] }
        let path = path.prefix { $0 != "?" }
        var items = try query().items.filter { $0.name != "cursor" }.map { ($0.name, $0.value) }
        items.append(("cursor", cursor))
        return [.link: "<\(path)?\(QueryItems.encode(items))>; rel=\"next\""]
    }
}
