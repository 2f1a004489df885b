import HTTPCore
import Testing

@testable import GatewayService

struct RateLimiterTests {
    private let policy = RatePolicy(name: "user", quota: 10, window: 60)
    private let second: UInt64 = 1_000_000_000

    @Test func `a burst of the whole quota passes and the next request waits its turn`() {
        let limiter = RateLimiter()
        let now = 1000 * second
        for index in 0..<10 {
            let verdict = limiter.judge("lan", policy, now: now)
            #expect(verdict.isAllowed && verdict.remaining == 9 - index)
        }
        let refused = limiter.judge("lan", policy, now: now)
        #expect(refused == RateLimiter.Verdict(isAllowed: false, remaining: 0, seconds: 6))
        #expect(limiter.judge("minh", policy, now: now).isAllowed)
        #expect(!limiter.judge("lan", policy, now: now + 5 * second).isAllowed)
        #expect(limiter.judge("lan", policy, now: now + 6 * second).isAllowed)
        #expect(!limiter.judge("lan", policy, now: now + 6 * second).isAllowed)
    }

    @Test func `a full table forgets who is nearest to being free`() {
        let limiter = RateLimiter()
        let tight = RatePolicy(name: "tight", quota: 1, window: 3600)
        #expect(limiter.judge("kept", tight, now: second).isAllowed)
        for index in 0..<200_000 { _ = limiter.judge("other \(index)", policy, now: second) }
        #expect(!limiter.judge("kept", tight, now: second).isAllowed)
    }

    @Test func `each path leads to its service`() throws {
        let table = RouteTable()
        func backend(_ path: String) throws -> Backend? { table.find(try #require(RequestPath(path)))?.backend }
        #expect(try backend("/v1/users") == .user)
        #expect(try backend("/v1/users/me/blocks/7") == .user)
        #expect(try backend("/v1/bookings/7/stream") == .booking)
        #expect(try backend("/v1/bookings/7/tickets/A1/qr.svg") == .booking)
        #expect(try backend("/v1/admin/showtimes/7/audit") == .booking)
        #expect(try backend("/.well-known/jwks.json") == .auth)
        #expect(try backend("/v1/notifications/ws") == .notification)
        #expect(try backend("/internal/v1/credentials/verify") == nil)
        #expect(try backend("/v1") == nil)
        #expect(try backend("/v1/bookings/7/nothing") == nil)
    }

    @Test func `fields of one connection and claims of identity stay outside`() throws {
        var fields: HTTPFields = [
            .connection: "close, X-Secret, Authorization", .authorization: "Bearer t", .te: "trailers",
            .xForwardedFor: "6.6.6.6", .accept: "*/*", .upgrade: "h2c", .host: "a",
        ]
        for name in ["X-Secret", "X-User-Id", "Content_Length"] {
            fields.append(try #require(HTTPField.Name(name)), "1")
        }
        let client = ForwardedFields.Client(address: "1.2.3.4", host: "h", isSecure: false, requestID: "r")
        let names = ForwardedFields.ofRequest(fields, client).map(\.name.canonicalName)
        #expect(
            names == [
                "authorization", "accept", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id",
                "via",
            ]
        )
    }
}
