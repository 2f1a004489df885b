public import HTTPCore

/// Routes by path segment: literals come before a parameter (`:id`), a final `*` takes any rest.
///
/// Built once, then only read. Patterns with the same shape share a node whatever they call their parameters.
public struct RouteTrie<Value: Sendable>: Sendable {
    /// What a path and method lead to.
    public enum Match: Sendable {
        /// A route, its pattern (a label for logs and metrics) and the decoded segments of its parameters by name; `*`
        /// is the rest.
        case found(Value, pattern: String, [String: String])
        /// The path exists, not with this method: 405 with `Allow`.
        case methodNotAllowed([HTTPRequest.Method])
        /// No such path.
        case notFound
    }

    private struct Route: Sendable {
        var method: HTTPRequest.Method
        var value: Value
        var pattern: String
        var names: [String]
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
        var names: [String] = []
        var node = 0
        let segments = pattern.split(separator: "/")
        let takesRest = segments.last == "*"
        for segment in takesRest ? segments.dropLast() : segments[...] {
            if segment.hasPrefix(":") {
                names.append(String(segment.dropFirst()))
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, String(segment))
            }
        }
        let route = Route(method: method, value: value, pattern: pattern, names: takesRest ? names + ["*"] : names)
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
        var values: [String] = []
        guard let routes = find(segments[...], node: 0, &values) else { return .notFound }
        let route =
            routes.first { $0.method == method }
            ?? (method == .head ? routes.first { $0.method == .get } : nil)
        guard let route else { return .methodNotAllowed(Self.allowed(routes)) }
        guard !route.names.isEmpty else { return .found(route.value, pattern: route.pattern, [:]) }
        return .found(route.value, pattern: route.pattern, Dictionary(zip(route.names, values)) { first, _ in first })
    }

    /// The methods of a path for `Allow`.
    private static func allowed(_ routes: [Route]) -> [HTTPRequest.Method] {
        var methods = routes.map(\.method)
        if methods.contains(.get), !methods.contains(.head) { methods.append(.head) }
        if !methods.contains(.options) { methods.append(.options) }
        return methods
    }

    /// Depth first, literals before parameters, so a literal that leads nowhere does not hide a parameter.
    private func find(_ rest: ArraySlice<String>, node: Int, _ values: inout [String]) -> [Route]? {
        guard let segment = rest.first else {
            if !nodes[node].routes.isEmpty { return nodes[node].routes }
            return takeRest(rest, node, &values)
        }
        if let child = nodes[node].literals[segment], let routes = find(rest.dropFirst(), node: child, &values) {
            return routes
        }
        if let child = nodes[node].parameter, !segment.isEmpty {
            values.append(segment)
            if let routes = find(rest.dropFirst(), node: child, &values) { return routes }
            values.removeLast()
        }
        return takeRest(rest, node, &values)
    }

    private func takeRest(_ rest: ArraySlice<String>, _ node: Int, _ values: inout [String]) -> [Route]? {
        guard !nodes[node].restRoutes.isEmpty else { return nil }
        values.append(rest.joined(separator: "/"))
        return nodes[node].restRoutes
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
