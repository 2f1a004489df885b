import Contracts
import System
import TestSupport
import Testing

/// openapi.yaml against the sources: routes, error codes, and what is made of it.
struct RouteContractTests {
    private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

    /// A method and path of a service, of the description or of the sources.
    private struct Route: CustomStringConvertible {
        let service: String
        let method: String
        let path: String

        var description: String { "\(service): \(method) \(path)" }

        /// Whether a route of the sources is the described one; a literal may be interpolated there.
        func isMade(by source: Route) -> Bool {
            let described = path.split(separator: "/")
            let made = source.path.split(separator: "/")
            guard service == source.service, method == source.method, described.count == made.count else {
                return false
            }
            return zip(described, made).allSatisfy { described, made in
                if made.hasPrefix(":") { return described.hasPrefix("{") }
                return made.hasPrefix("\\(") ? !described.hasPrefix("{") : described == made
            }
        }
    }

    private func describedRoutes(_ specification: Specification) -> [Route] {
        specification.root["paths"].members.flatMap { path, item in
            item.members.keys.filter(Self.methods.contains).map { method in
                Route(service: item["x-marquee-service"].string ?? "", method: method, path: path)
            }
        }
    }

    /// What the services give their routers; internal routes and the broker's, which the gateway does not know, are not
    /// public.
    private func madeRoutes() throws -> [Route] {
        try SourceFile.all(below: ["Services"], suffixes: [".swift"]).flatMap { file in
            file.lines.joined(separator: "\n").matches(
                of: /router\s*\.(get|post|put|patch|delete)\(\s*"([^"]+)"/
            ).map { match in
                Route(service: file.service, method: String(match.1), path: String(match.2))
            }
        }.filter { $0.service != "broker" && !$0.path.hasPrefix("/internal/") }
    }

    @Test func `every public route is described, and every described route exists`() async throws {
        let described = describedRoutes(try await Specification("openapi.yaml"))
        let made = try madeRoutes()
        #expect(described.count > 50)
        let missing = made.filter { route in !described.contains { $0.isMade(by: route) } }
        #expect(missing.isEmpty, "describe in openapi.yaml and run `make openapi`: \(missing)")
        let unknown = described.filter { route in !made.contains { route.isMade(by: $0) } }
        #expect(unknown.isEmpty, "described, and not there: \(unknown)")
    }

    @Test func `the catalogue of error codes is the described one`() async throws {
        let specification = try await Specification("openapi.yaml")
        let described = specification.root["components"]["schemas"]["ErrorCode"]["oneOf"].array.map { code in
            "\(code["const"].string ?? "") \(code["x-status"].int ?? 0) \(code["title"].string ?? "")"
        }
        let declared = ErrorCode.allCases.map { "\($0.rawValue) \($0.status) \($0.title)" }
        #expect(Set(described).symmetricDifference(declared) == [])
    }

    @Test func `a response names codes of its own status`() async throws {
        let specification = try await Specification("openapi.yaml")
        var named: Set<ErrorCode> = []
        for (path, item) in specification.root["paths"].members {
            for (method, operation) in item.members where Self.methods.contains(method) {
                for (status, response) in operation["responses"].members {
                    for text in codes(of: specification.resolve(response)) {
                        let code = try #require(ErrorCode(rawValue: text), "\(method) \(path) \(status): \(text)")
                        let isFitting = status == "5XX" ? code.status / 100 == 5 : status == "\(code.status)"
                        #expect(isFitting, "\(method) \(path) \(status): \(text)")
                        named.insert(code)
                    }
                }
            }
        }
        #expect(named.count > 30)
    }

    /// The codes in the second part of `allOf: [Problem, {properties: {code: {enum: …}}}]`.
    private func codes(of response: JSON) -> [String] {
        let schema = response["content"]["application/problem+json"]["schema"]
        return schema["allOf"].array.flatMap { $0["properties"]["code"]["enum"].array.compactMap(\.string) }
    }

    @Test func `bodies of requests are closed, but a provider's report`() async throws {
        let specification = try await Specification("openapi.yaml")
        let open = specification.root["paths"].members.values.flatMap { item in
            item.members.values.filter { operation in
                operation["requestBody"]["content"].members.values.contains { content in
                    let schema = content["schema"]
                    // Bytes have no members.
                    guard schema["format"].string != "binary" else { return false }
                    return schema["unevaluatedProperties"].bool ?? true
                        && specification.resolve(schema)["additionalProperties"].bool ?? true
                }
            }
        }
        #expect(open.compactMap { $0["operationId"].string } == ["reportPayment"])
    }

    @Test func `the description is valid OpenAPI`() async throws {
        let program = """
            import sys, yaml
            from openapi_spec_validator import validate
            validate(yaml.safe_load(open(sys.argv[1])))
            """
        let judged = try await Command.python(program, [Specification.path(of: "openapi.yaml")])
        #expect(judged.status.isSuccess, "\(judged.output)")
    }

    @Test func `what the gateway is compiled with is made of the description`() async throws {
        let program = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        let script = "\(SourceFile.repository)/deploy/openapi.py"
        let judged = try await Command.python(program, [script, "--check"])
        #expect(judged.status.isSuccess, "\(judged.output)")
    }
}
