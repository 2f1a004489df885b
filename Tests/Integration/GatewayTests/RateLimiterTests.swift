import HTTPCore
import Testing

@testable import GatewayService

struct RateLimiterTests {
    private let rate = RateLimiter.Rate(quota: 10, windowSeconds: 60)
    private let second: UInt64 = 1_000_000_000
    private let lan: UInt64 = 0x1234_5679
    private let minh: UInt64 = 0x2345_6781

    @Test func `a burst of the whole quota passes and the next request waits its turn`() {
        let limiter = RateLimiter()
        let now = 1000 * second
        for index in 0..<10 {
            let verdict = limiter.judge(lan, rate, now: now)
            #expect(verdict.isAllowed && verdict.remaining == 9 - index)
        }
        let refused = limiter.judge(lan, rate, now: now)
        #expect(refused == RateLimiter.Verdict(isAllowed: false, remaining: 0, seconds: 6))
        #expect(limiter.judge(minh, rate, now: now).isAllowed)
        #expect(!limiter.judge(lan, rate, now: now + 5 * second).isAllowed)
        #expect(limiter.judge(lan, rate, now: now + 6 * second).isAllowed)
        #expect(!limiter.judge(lan, rate, now: now + 6 * second).isAllowed)
    }

    @Test func `a burst smaller than the quota spreads the quota over the window`() {
        let limiter = RateLimiter()
        let small = RateLimiter.Rate(quota: 60, windowSeconds: 60, burst: 2)
        let allowed = (0..<600).filter { limiter.judge(lan, small, now: second + UInt64($0) * second / 10).isAllowed }
        #expect(allowed.count == 61 && allowed[1] == 1 && allowed[2] == 10)
    }

    @Test func `who is only asked about is not counted`() {
        let limiter = RateLimiter()
        for _ in 0..<20 { #expect(limiter.judge(lan, rate, now: second, counts: false).remaining == 9) }
    }

    @Test func `a full table forgets who is nearest to being free`() {
        let limiter = RateLimiter()
        let tight = RateLimiter.Rate(quota: 1, windowSeconds: 3600)
        #expect(limiter.judge(lan, tight, now: second).isAllowed)
        for _ in 0..<200_000 { _ = limiter.judge(.random(in: 0...(.max)), rate, now: second) }
        #expect(!limiter.judge(lan, tight, now: second).isAllowed)
    }

    @Test func `a pattern matches its own paths alone`() {
        func matches(_ pattern: String, _ path: String) -> Bool {
            RoutePattern(pattern).matches(path.split(separator: "/").map(String.init))
        }
        #expect(matches("/v1/users", "/v1/users") && !matches("/v1/users", "/v1/users/7"))
        #expect(matches("/v1/media/{id}/comments", "/v1/media/7/comments"))
        #expect(matches("/v1/media/:id/comments", "/v1/media/7/comments"))
        #expect(!matches("/v1/media/{id}/comments", "/v1/media/7/likes"))
        #expect(matches("/v1/chat/*", "/v1/chat/rooms/7") && matches("/v1/chat/*", "/v1/chat"))
        #expect(!matches("/v1/chat/*", "/v1/chats"))
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
        let client = ForwardedFields.Client(address: "1.2.3.4", host: "h", isSecure: false)
        let names = ForwardedFields.ofRequest(fields, client).map(\.name.canonicalName)
        #expect(
            names == [
                "authorization", "accept", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
                "via",
            ]
        )
    }
}
