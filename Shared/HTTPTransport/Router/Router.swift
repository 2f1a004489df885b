public import HTTPCore

/// Leads requests to handlers by path and method. Built before the server starts, then only read.
///
/// A path that could be read in two ways is 400, an unknown one 404, a known one without the method 405 with `Allow`. HEAD
/// is answered by the route of GET without its body, OPTIONS with the methods there are.
public struct Router: Sendable {
    /// A handler as it is: by itself, a generic container would wrap it at each step in and out.
    private struct Route: Sendable {
        let handler: Handler
    }

    private var trie = RouteTrie()
    private var routes: [Route] = []

    /// A router without routes.
    public init() {}

    /// Adds a route: segments of the pattern are literals, parameters (`:id`) or, last, `*` for any rest. Two routes with
    /// the same shape and method are a programming error.
    public mutating func on(_ method: HTTPRequest.Method, _ pattern: String, _ handler: @escaping Handler) {
        trie.add(method, pattern)
        routes.append(Route(handler: handler))
    }

    /// Adds a route for GET and HEAD; see `on`.
    public mutating func get(_ pattern: String, _ handler: @escaping Handler) { on(.get, pattern, handler) }

    /// Adds a route for POST; see `on`.
    public mutating func post(_ pattern: String, _ handler: @escaping Handler) { on(.post, pattern, handler) }

    /// Adds a route for PUT; see `on`.
    public mutating func put(_ pattern: String, _ handler: @escaping Handler) { on(.put, pattern, handler) }

    /// Adds a route for PATCH; see `on`.
    public mutating func patch(_ pattern: String, _ handler: @escaping Handler) { on(.patch, pattern, handler) }

    /// Adds a route for DELETE; see `on`.
    public mutating func delete(_ pattern: String, _ handler: @escaping Handler) { on(.delete, pattern, handler) }

    /// Answers a request; throws `RoutingError` or what the handler throws. Sets the request's parameters and
    /// matched route.
    public func respond(to request: Request) async throws -> Response {
        if request.method == .options, request.path == "*" { return Response(.noContent) }
        // Its target is no path; nobody is a tunnel to elsewhere.
        if request.method == .connect { throw RoutingError.methodNotAllowed(allowed: []) }
        guard let path = request.decodedPath else { throw RoutingError.badPath }
        switch trie.match(request.method, path.segments) {
        case .notFound:
            throw RoutingError.notFound
        case .methodNotAllowed(let methods) where request.method == .options:
            return Response(.noContent, [.allow: RoutingError.list(methods)])
        case .methodNotAllowed(let methods):
            throw RoutingError.methodNotAllowed(allowed: methods)
        case .found(let number, let pattern, let parameters):
            request.pathParameters = parameters
            request.matchedRoute = pattern
            let response = try await routes[number].handler(request)
            return request.method == .head ? response.withoutBody : response
        }
    }
}

/// Why a request was led nowhere.
public enum RoutingError: Error, Hashable, Sendable {
    /// The path is not one this server reads.
    case badPath
    /// There is no such path.
    case notFound
    /// The path is there, not for this method.
    case methodNotAllowed(allowed: [HTTPRequest.Method])

    static func list(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}

extension RoutingError: ResponseConvertible {
    /// 400, 404 or 405.
    public var response: Response {
        switch self {
        case .badPath: .text(.badRequest, "The path is malformed.\n")
        case .notFound: .text(.notFound, "There is nothing here.\n")
        case .methodNotAllowed(let methods):
            Response(.methodNotAllowed, [.allow: Self.list(methods)])
        }
    }
}

extension Response {
    /// The same head without a body: what HEAD gets.
    var withoutBody: Response {
        var head = self
        switch body {
        case .bytes(let bytes): head.headerFields[.contentLength] = "\(bytes.count)"
        case .stream(let length?, _): head.headerFields[.contentLength] = "\(length)"
        case .stream(nil, _), .upgrade, .none: break
        }
        head.body = .none
        return head
    }
}
