/// Wraps a handler: looks at the request, calls the next handler or answers itself, looks at the response.
public typealias Middleware = @Sendable (Request, Handler) async throws -> Response

extension Array where Element == Middleware {
    /// One handler of all: the first middleware is the outermost.
    public func wrapping(_ handler: @escaping Handler) -> Handler {
        reversed().reduce(handler) { next, middleware in
            { @Sendable request in try await middleware(request, next) }
        }
    }
}
