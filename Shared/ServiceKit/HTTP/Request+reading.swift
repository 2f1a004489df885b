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

    /// Who the client is on the network: whom middleware found out, else the peer, or behind a proxy on this machine what
    /// that proxy says.
    ///
    /// Only the last entry of `X-Forwarded-For` counts, which our gateway wrote; earlier ones are the client's own words.
    public var clientAddress: ClientAddress {
        if let known = self[KnownClient.self] { return known }
        if remoteAddress.isLoopback, let last = headerFields.listMembers(of: .xForwardedFor).last,
            let address = ClientAddress(last)
        {
            return address
        }
        return ClientAddress(remoteAddress)
    }
}

/// Who the client is on the network, as the gateway worked it out.
public enum KnownClient: RequestKey {
    /// The address.
    public typealias Value = ClientAddress
}
