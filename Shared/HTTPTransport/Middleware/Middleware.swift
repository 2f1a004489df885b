/// Wraps a handler: looks at the request, calls the next handler or answers itself, looks at the response.
public typealias Middleware = @Sendable (Request, Handler) async throws -> Response

/// Middleware in order, the first outermost.
public struct MiddlewareChain: Sendable {
    /// One as it is: by itself, a generic container would wrap it at each step in and out.
    private struct Link: Sendable {
        let middleware: Middleware
    }

    private var links: [Link] = []

    /// No middleware.
    public init() {}

    /// Adds one inside of those there are.
    public mutating func append(_ middleware: @escaping Middleware) {
        links.append(Link(middleware: middleware))
    }

    /// Adds others inside of those there are.
    public mutating func append(contentsOf others: MiddlewareChain) {
        links += others.links
    }

    /// One handler of all.
    public func wrapping(_ handler: @escaping Handler) -> Handler {
        var handler = handler
        for link in links.reversed() {
            let next = handler
            handler = { request in try await link.middleware(request, next) }
        }
        return handler
    }
}
