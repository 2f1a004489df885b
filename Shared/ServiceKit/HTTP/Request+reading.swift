import Contracts
public import HTTPCore
public import HTTPTransport
import Reactor
public import System

extension Request {
    /// The body as JSON, read strictly; see ``JSONBody``.
    public func json<Value: Decodable>(
        _ type: Value.Type = Value.self,
        limit: Int = JSONBody.sizeLimit
    ) async throws -> Value {
        let bytes = try await body.collect(upTo: limit)
        return try JSONBody.decode(type, from: bytes, contentType: headerFields[.contentType], limit: limit)
    }

    /// As ``json(_:limit:)``, for a body that may be written plainly.
    public func json<Value: FlatBody>(
        _ type: Value.Type = Value.self,
        limit: Int = JSONBody.sizeLimit
    ) async throws -> Value {
        let bytes = try await body.collect(upTo: limit)
        return try JSONBody.decode(type, from: bytes, contentType: headerFields[.contentType], limit: limit)
    }

    /// The query, decoded; 400 when it is malformed.
    public func query() throws(Problem) -> QueryItems {
        let mark = path.firstIndex(of: "?")
        let text = mark.map { String(path[path.index(after: $0)...]) }
        guard let items = QueryItems(text) else { throw Problem(.malformedRequest, "the query is malformed") }
        return items
    }

    /// The first value of a query parameter.
    public func query(_ name: String) throws(Problem) -> String? {
        try query().items.first { $0.name == name }?.value
    }

    /// A path parameter that is an id; what is no UUID names nothing: 404.
    public func identifier(_ name: String) throws(Problem) -> Identifier {
        guard let text = parameters[name], let id = Identifier(text) else { throw Problem(.notFound) }
        return id
    }

    /// Who the client is on the network: the peer, or whom trusted proxies name.
    public var clientAddress: ClientAddress {
        self[TrustedProxies.Client.self]?.address ?? ClientAddress(remoteAddress)
    }

    /// Whether the client came over TLS, which ended at a trusted proxy.
    public var isSecure: Bool { self[TrustedProxies.Client.self]?.isSecure ?? false }
}
