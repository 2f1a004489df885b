import HTTPCore
import HTTPTransport
import Reactor
import Testing

@testable import GatewayService

/// What the gateway finds out about clients and tells browsers.
struct EdgeTests {
    /// Answers with who the gateway says the client is.
    private static let mirror = TestGateway.Service.handler { request in
        let fields = request.headerFields
        return .text(.ok, "[\(fields[.xForwardedFor] ?? "") \(fields[.xForwardedProto] ?? "")]")
    }

    @Test(arguments: [
        (["127.0.0.0/8"], "X-Forwarded-For: 6.6.6.6\r\n", "6.6.6.6"),
        (["127.0.0.1"], "X-Forwarded-For: 1.1.1.1, 6.6.6.6\r\n", "6.6.6.6"),
        (["127.0.0.1", "10.0.0.0/8"], "X-Forwarded-For: 1.1.1.1, 6.6.6.6\r\nX-Forwarded-For: 10.1.2.3\r\n", "6.6.6.6"),
        (["127.0.0.1", "fd00::/8"], "X-Forwarded-For: 2001:db8::1:2:3:4, fd12::1\r\n", "2001:db8::1:2:3:4"),
        (["127.0.0.1"], "X-Forwarded-For: 1.1.1.1, unknown\r\n", "127.0.0.1"),
        (["127.0.0.1"], "X-Forwarded-For: ::ffff:6.6.6.6\r\n", "6.6.6.6"),
        (["10.0.0.0/8"], "X-Forwarded-For: 6.6.6.6\r\n", "127.0.0.1"),
        ([], "X-Forwarded-For: 6.6.6.6\r\n", "127.0.0.1"),
    ])
    func `a forwarded address counts as far as trusted proxies wrote it`(
        trusted: [String],
        fields: String,
        expected: String
    ) async throws {
        var settings = TestGateway.Settings()
        settings.trustedProxies = trusted
        try await TestGateway.run(settings, over: Self.mirror) { gateway in
            let text = try await gateway.request("GET", "/v1/bookings", fields)
            #expect(text.hasSuffix("[\(expected) http]"))
        }
    }

    @Test func `TLS that ended at a trusted proxy is known, and browsers are told to stay on it`() async throws {
        var settings = TestGateway.Settings()
        settings.trustedProxies = ["127.0.0.1"]
        try await TestGateway.run(settings, over: Self.mirror) { gateway in
            let secure = try await gateway.request("GET", "/v1/bookings", "X-Forwarded-Proto: https\r\n")
            #expect(secure.contains("Strict-Transport-Security: max-age=") && secure.hasSuffix(" https]"))
            let plain = try await gateway.request()
            #expect(!plain.contains("Strict-Transport-Security") && plain.hasSuffix(" http]"))
        }
        try await TestGateway.run(over: Self.mirror) { gateway in
            let claimed = try await gateway.request("GET", "/v1/bookings", "X-Forwarded-Proto: https\r\n")
            #expect(!claimed.contains("Strict-Transport-Security") && claimed.hasSuffix(" http]"))
        }
    }

    @Test func `pages of allowed origins may call and read errors, others are refused`() async throws {
        var settings = TestGateway.Settings()
        settings.origins = ["https://app.example"]
        try await TestGateway.run(settings, over: Self.mirror) { gateway in
            let preflight = "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization\r\n"
            let allowed = try await gateway.request(
                "OPTIONS",
                "/v1/bookings",
                "Origin: https://app.example\r\n" + preflight
            )
            #expect(allowed.hasPrefix("HTTP/1.1 204"))
            #expect(allowed.contains("Access-Control-Allow-Origin: https://app.example\r\n"))
            #expect(allowed.contains("Access-Control-Allow-Headers: authorization\r\n"))
            let other = try await gateway.request(
                "OPTIONS",
                "/v1/bookings",
                "Origin: https://evil.example\r\n" + preflight
            )
            #expect(other.hasPrefix("HTTP/1.1 403") && !other.contains("Access-Control-Allow"))
            let missing = try await gateway.request("GET", "/nowhere", "Origin: https://app.example\r\n")
            #expect(missing.hasPrefix("HTTP/1.1 404"))
            #expect(missing.contains("Access-Control-Allow-Origin: ") && missing.contains("Vary: Origin"))
            let plain = try await gateway.request()
            #expect(!plain.contains("Access-Control"))
        }
    }

    @Test(arguments: ["app.example", "https://app.example/", "https://", "ftp://a", "https://a/b", "null"])
    func `what is no origin is refused`(text: String) {
        #expect(CrossOrigin.origin(text) == nil)
    }
}
