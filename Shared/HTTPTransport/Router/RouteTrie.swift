public import HTTPCore

/// Routes by path segment: literals come before a parameter (`:id`), a final `*` takes any rest.
///
/// Built once, then only read. Patterns with the same shape share a node whatever they call their parameters. What a route
/// leads to is its owner's, by the route's number.
public struct RouteTrie: Sendable {
    /// What a path and method lead to.
    public enum Match: Sendable {
        /// A route's number, its pattern (a label for logs and metrics) and what its parameters are in the path.
        case found(Int, pattern: String, PathParameters)
        /// The path exists, not with this method: 405 with `Allow`.
        case methodNotAllowed([HTTPRequest.Method])
        /// No such path.
        case notFound
    }

    private struct Route: Sendable {
        var method: HTTPRequest.Method
        var number: Int
        var pattern: String
        var places: [PathParameters.Place]
    }

    /// A literal segment and the node it leads to. There are a handful at a node: searched faster than by `Hasher`.
    private struct Literal: Sendable {
        let hash: UInt32
        let text: String
        let node: Int
    }

    private struct Node: Sendable {
        var literals: [Literal] = []
        var parameter: Int?
        var routes: [Route] = []
        var restRoutes: [Route] = []
    }

    private var nodes = [Node()]
    private var count = 0

    /// No routes.
    public init() {}

    /// Adds a route; the first has the number 0. Two routes with the same shape and method are a programming error.
    public mutating func add(_ method: HTTPRequest.Method, _ pattern: String) {
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
        let route = Route(method: method, number: count, pattern: pattern, places: places)
        count += 1
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
        return .found(route.number, pattern: route.pattern, PathParameters(route.places, in: segments))
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
        if let child = literal(segment, at: node), let routes = find(segments, from: index + 1, node: child) {
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

    private func literal(_ segment: String, at node: Int) -> Int? {
        let hash = Self.hash(segment)
        for index in nodes[node].literals.indices where nodes[node].literals[index].hash == hash {
            if nodes[node].literals[index].text == segment { return nodes[node].literals[index].node }
        }
        return nil
    }

    private static func hash(_ segment: String) -> UInt32 {
        var hash: UInt32 = 0x811c_9dc5
        for byte in segment.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }

    private mutating func literalChild(of node: Int, _ segment: String) -> Int {
        if let child = literal(segment, at: node) { return child }
        nodes.append(Node())
        nodes[node].literals.append(Literal(hash: Self.hash(segment), text: segment, node: nodes.count - 1))
        return nodes.count - 1
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }
}
