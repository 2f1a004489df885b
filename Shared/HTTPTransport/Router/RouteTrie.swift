public import HTTPCore

/// Routes by path segment: literals come before a parameter (`:id`), a final `*` takes any rest.
///
/// Built once, then only read. Patterns with the same shape share a node whatever they call their parameters.
public struct RouteTrie<Value: Sendable>: Sendable {
    /// What a path and method lead to.
    public enum Match: Sendable {
        /// A route, its pattern (a label for logs and metrics) and what its parameters are in the path.
        case found(Value, pattern: String, PathParameters)
        /// The path exists, not with this method: 405 with `Allow`.
        case methodNotAllowed([HTTPRequest.Method])
        /// No such path.
        case notFound
    }

    private struct Route: Sendable {
        var method: HTTPRequest.Method
        var value: Value
        var pattern: String
        var places: [PathParameters.Place]
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var routes: [Route] = []
        var restRoutes: [Route] = []
    }

    private var nodes = [Node()]

    /// No routes.
    public init() {}

    /// Adds a route. Two routes with the same shape and method are a programming error.
    public mutating func add(_ method: HTTPRequest.Method, _ pattern: String, _ value: Value) {
        var places: [PathParameters.Place] = []
        var node = 0
        let segments = pattern.split(separator: "/")
        let takesRest = segments.last == "*"
        for (index, segment) in (takesRest ? segments.dropLast() : segments[...]).enumerated() {
            if segment.hasPrefix(":") {
                places.append(.segment(name: String(segment.dropFirst()), index))
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, String(segment))
            }
        }
        if takesRest { places.append(.rest(from: segments.count - 1)) }
        let route = Route(method: method, value: value, pattern: pattern, places: places)
        let present = takesRest ? nodes[node].restRoutes : nodes[node].routes
        precondition(!present.contains { $0.method == method }, "two routes for \(method) \(pattern)")
        if takesRest {
            nodes[node].restRoutes.append(route)
        } else {
            nodes[node].routes.append(route)
        }
    }

    /// Finds the route of a path. HEAD is answered by the route of GET unless it has one of its own.
    public func match(_ method: HTTPRequest.Method, _ segments: [String]) -> Match {
        guard let routes = find(segments, from: 0, node: 0) else { return .notFound }
        let route =
            routes.first { $0.method == method }
            ?? (method == .head ? routes.first { $0.method == .get } : nil)
        guard let route else { return .methodNotAllowed(Self.allowed(routes)) }
        return .found(route.value, pattern: route.pattern, PathParameters(route.places, in: segments))
    }

    /// The methods of a path for `Allow`.
    private static func allowed(_ routes: [Route]) -> [HTTPRequest.Method] {
        var methods = routes.map(\.method)
        if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
        if !methods.contains(.options) { methods.append(.options) }
        return methods
    }

    /// Depth first, literals before parameters, so a literal that leads nowhere does not hide a parameter.
    private func find(_ segments: [String], from index: Int, node: Int) -> [Route]? {
        guard index < segments.count else {
            return nodes[node].routes.isEmpty ? rest(node) : nodes[node].routes
        }
        let segment = segments[index]
        if let child = nodes[node].literals[segment], let routes = find(segments, from: index + 1, node: child) {
            return routes
        }
        if let child = nodes[node].parameter, !segment.isEmpty,
            let routes = find(segments, from: index + 1, node: child)
        {
            return routes
        }
        return rest(node)
    }

    private func rest(_ node: Int) -> [Route]? {
        nodes[node].restRoutes.isEmpty ? nil : nodes[node].restRoutes
    }

    private mutating func literalChild(of node: Int, _ segment: String) -> Int {
        if let child = nodes[node].literals[segment] { return child }
        nodes.append(Node())
        nodes[node].literals[segment] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }
}
