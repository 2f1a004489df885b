import Contracts
import HTTPCore
import ServiceKit

/// What a policy must keep to. Every fault is named by its pointer.
enum RateLimitValidation {
    static let maximumRules = 64
    static let maximumQuota = 10_000_000
    /// A day.
    static let maximumWindow = 86_400
    static let maximumNameLength = 40
    static let maximumRouteLength = 200
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    /// What the request log says when no rule refused.
    private static let reservedNames: Set<String> = [RequestRecord.allowed]

    /// Throws a 422 that names every fault, by pointers that begin with `place`.
    static func check(_ rules: [RateLimitRule], below place: String = "") throws(Problem) {
        let errors = errors(in: rules, place + "/rules")
        guard errors.isEmpty else { throw Problem(.invalidRequest, errors: errors) }
    }

    private static func errors(in rules: [RateLimitRule], _ list: String) -> [Problem.FieldError] {
        guard rules.count <= maximumRules else { return [error(list, "at most \(maximumRules) rules")] }
        var errors: [Problem.FieldError] = []
        var names = reservedNames
        var failedLogIns: Set<RateLimitRule.Scope> = []
        for (index, rule) in rules.enumerated() {
            let place = "\(list)/\(index)"
            errors += Self.errors(in: rule, at: place)
            if !names.insert(rule.name).inserted { errors.append(error(place + "/name", "another rule has this name")) }
            if rule.counts == .failedLogIns, !failedLogIns.insert(rule.scope).inserted {
                errors.append(error(place + "/scope", "one rule of failed log-ins for each scope"))
            }
        }
        return errors
    }

    private static func errors(in rule: RateLimitRule, at place: String) -> [Problem.FieldError] {
        var errors: [Problem.FieldError] = []
        func demand(_ condition: Bool, _ member: String, _ detail: String) {
            if !condition { errors.append(error("\(place)/\(member)", detail)) }
        }
        demand(isName(rule.name), "name", "lower-case letters, digits and hyphens, at most \(maximumNameLength)")
        demand((1...maximumQuota).contains(rule.quota), "quota", "1 to \(maximumQuota)")
        demand((1...maximumWindow).contains(rule.windowSeconds), "window_seconds", "1 to \(maximumWindow)")
        if let burst = rule.burst { demand((1...max(1, rule.quota)).contains(burst), "burst", "1 to the quota") }
        if let method = rule.method {
            demand(methods.contains(method), "method", "one of \(methods.joined(separator: ", "))")
        }
        if let route = rule.route {
            demand(isRoute(route), "route", "one of the API, such as /v1/media/{id}/comments or /v1/chat/*")
        }
        switch rule.counts {
        case .requests:
            demand(rule.scope != .account, "scope", "requests are counted by address, user or route")
            demand(rule.scope != .route || rule.route != nil, "route", "a rule of scope route names one")
        case .failedLogIns:
            let scopes: [RateLimitRule.Scope] = [.account, .address]
            demand(scopes.contains(rule.scope), "scope", "failed log-ins are counted by account or address")
            demand(rule.method == nil, "method", "not for failed log-ins")
            demand(rule.route == nil, "route", "not for failed log-ins")
            demand(rule.burst == nil, "burst", "not for failed log-ins")
        }
        return errors
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return name.utf8.count <= maximumNameLength
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func isRoute(_ route: String) -> Bool {
        guard route.utf8.count <= maximumRouteLength, let path = RequestPath(route), path.rawQuery == nil,
            !route.contains("%"), path.segments.last != ""
        else { return false }
        let pattern = RoutePattern(route)
        return !path.segments.dropLast().contains("*") && RouteTable.patterns.contains { pattern.matches($0.0) }
    }

    private static func error(_ pointer: String, _ detail: String) -> Problem.FieldError {
        Problem.FieldError(pointer: pointer, code: "invalid_value", detail: detail)
    }
}
