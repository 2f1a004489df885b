import HTTPCore
import HTTPTransport
import Synchronization
import Testing

struct RouterTests {
    private func router() -> Router {
        var router = Router()
        let echo: Handler = { request in
            let names = request.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return .text(.ok, ([request.matchedRoute ?? ""] + names).joined(separator: " "))
        }
        router.get("/v1/users/me", echo)
        router.get("/v1/users/:id", echo)
        router.patch("/v1/users/:id", echo)
        router.get("/v1/users/:user/posts/:post", echo)
        router.get("/v1/users/me/likes", echo)
        router.get("/files/*", echo)
        router.post("/v1/users", echo)
        return router
    }

    private func get(_ path: String, _ method: String = "GET") async throws -> String {
        let router = router()
        let text = Mutex("")
        try await withServer(handler: { try await router.respond(to: $0) }) { server, loop in
            let answer = try await exchange("\(method) \(path) HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            text.withLock { $0 = answer }
        }
        return text.withLock { $0 }
    }

    @Test(arguments: [
        ("/v1/users/me", "/v1/users/me"), ("/v1/users/7", "/v1/users/:id id=7"),
        ("/v1/users/a%20b", "/v1/users/:id id=a b"), ("/v1/users/me/likes", "/v1/users/me/likes"),
        ("/v1/users/me/posts/3", "/v1/users/:user/posts/:post post=3 user=me"),
        ("/files/a/b", "/files/* *=a/b"), ("/v1/users/7?x=/", "/v1/users/:id id=7"),
    ])
    func `literals come before parameters and a dead end does not hide them`(path: String, body: String) async throws {
        #expect(try await get(path).hasSuffix("\r\n\r\n" + body))
    }

    @Test func `unknown paths and methods are told apart`() async throws {
        #expect(try await get("/v1/none").hasPrefix("HTTP/1.1 404"))
        #expect(try await get("/v1/users/").hasPrefix("HTTP/1.1 404"))
        let refused = try await get("/v1/users/7", "DELETE")
        #expect(refused.hasPrefix("HTTP/1.1 405") && refused.contains("Allow: GET, PATCH, HEAD, OPTIONS\r\n"))
        let options = try await get("/v1/users/7", "OPTIONS")
        #expect(options.hasPrefix("HTTP/1.1 204") && options.contains("Allow: GET, PATCH"))
        #expect(try await get("/v1/users/%2e%2e/x").hasPrefix("HTTP/1.1 400"))
        #expect(try await get("*", "OPTIONS").hasPrefix("HTTP/1.1 204"))
    }

    @Test func `HEAD has the head of GET`() async throws {
        let head = try await get("/v1/users/7", "HEAD")
        #expect(head.hasPrefix("HTTP/1.1 200") && head.contains("Content-Length: 18\r\n") && head.hasSuffix("\r\n\r\n"))
    }

    @Test func `middleware wraps from the outside in`() async throws {
        func tag(_ name: String) -> Middleware {
            { request, next in
                var response = try await next(request)
                response.headerFields.append(.via, name)
                return response
            }
        }
        var middleware = MiddlewareChain()
        middleware.append(tag("outer"))
        middleware.append(tag("inner"))
        let handler = middleware.wrapping { _ in Response(.noContent) }
        try await withServer(handler: handler) { server, loop in
            let text = try await exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n", server, loop)
            #expect(text.contains("Via: inner\r\nVia: outer\r\n"))
        }
    }
}
