import HTTPCore
import Testing

@testable import GatewayService

extension RateLimiter {
    fileprivate func judge(_ questions: [Question], clock: () -> UInt64) -> (verdicts: [Verdict], now: UInt64) {
        var questions = questions
        let now = judge(&questions, clock: clock)
        return (questions.map(\.verdict), now)
    }
}

struct RateLimiterTests {
    private let rate = RateLimiter.Rate(quota: 10, windowSeconds: 60)
    private let second: UInt64 = 1_000_000_000
    private let lan: UInt64 = 0x1234_5679
    private let minh: UInt64 = 0x2345_6781

    private func judge(_ limiter: RateLimiter, _ key: UInt64, _ rate: RateLimiter.Rate, now: UInt64)
        -> RateLimiter.Verdict
    {
        limiter.judge([RateLimiter.Question(key: key, rate: rate)]) { now }.verdicts[0]
    }

    @Test func `a burst of the whole quota passes and the next request waits its turn`() {
        let limiter = RateLimiter()
        let now = 1000 * second
        for index in 0..<10 {
            let verdict = judge(limiter, lan, rate, now: now)
            #expect(verdict.isAllowed && verdict.remaining == 9 - index)
        }
        let refused = judge(limiter, lan, rate, now: now)
        #expect(!refused.isAllowed && refused.remaining == 0 && refused.seconds == 6)
        #expect(judge(limiter, minh, rate, now: now).isAllowed)
        #expect(!judge(limiter, lan, rate, now: now + 5 * second).isAllowed)
        #expect(judge(limiter, lan, rate, now: now + 6 * second).isAllowed)
        #expect(!judge(limiter, lan, rate, now: now + 6 * second).isAllowed)
    }

    @Test func `a burst smaller than the quota spreads the quota over the window`() {
        let limiter = RateLimiter()
        let small = RateLimiter.Rate(quota: 60, windowSeconds: 60, burst: 2)
        let allowed = (0..<600).filter { judge(limiter, lan, small, now: second + UInt64($0) * second / 10).isAllowed }
        #expect(allowed.count == 61 && allowed[1] == 1 && allowed[2] == 10)
    }

    @Test func `a request that one of several rules refuses counts for none of them, whatever their order`() {
        let limiter = RateLimiter()
        let one = RateLimiter.Rate(quota: 1, windowSeconds: 60)
        // Keys of one shard and of several.
        let questions = (0..<40).map { RateLimiter.Question(key: lan &+ 2 * $0, rate: $0 == 20 ? one : rate) }
        let first = limiter.judge(questions) { 1000 * second }
        #expect(first.now == 1000 * second && first.verdicts.allSatisfy(\.isAllowed))
        for order in [questions, questions.reversed()] {
            #expect(limiter.judge(order) { 1000 * second }.verdicts.count { !$0.isAllowed } == 1)
        }
        #expect(judge(limiter, lan, rate, now: 1000 * second).remaining == 8)
        #expect(judge(limiter, lan &+ 78, rate, now: 1000 * second).remaining == 8)
    }

    @Test func `requests of several threads that share rules are judged one after the other`() async {
        let limiter = RateLimiter()
        let rules = (0..<6).map { RateLimiter.Question(key: lan &+ 2 * $0, rate: .init(quota: 100, windowSeconds: 60)) }
        let allowed = await withTaskGroup(of: Int.self) { group in
            for task in 0..<4 {
                let own = task.isMultiple(of: 2) ? rules : rules.reversed()
                group.addTask {
                    (0..<100).count { _ in limiter.judge(own) { 1000 * second }.verdicts.allSatisfy(\.isAllowed) }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 100)
    }

    @Test func `a full table forgets who is nearest to being free`() {
        let limiter = RateLimiter()
        let tight = RateLimiter.Rate(quota: 1, windowSeconds: 3600)
        #expect(judge(limiter, lan, tight, now: second).isAllowed)
        for _ in 0..<200_000 { _ = judge(limiter, .random(in: 0...(.max)), rate, now: second) }
        #expect(!judge(limiter, lan, tight, now: second).isAllowed)
    }

    @Test func `a pattern matches its own routes alone`() {
        func matches(_ pattern: String, _ path: String) -> Bool {
            RoutePattern(pattern).matches(path)
        }
        #expect(matches("/v1/users", "/v1/users") && !matches("/v1/users", "/v1/users/7"))
        #expect(matches("/v1/media/{id}/comments", "/v1/media/:id/comments"))
        #expect(matches("/v1/media/:id/comments", "/v1/media/:id/comments"))
        #expect(!matches("/v1/media/{id}/comments", "/v1/media/:id/likes"))
        #expect(matches("/v1/chat/*", "/v1/chat/rooms/:id") && matches("/v1/chat/*", "/v1/chat"))
        #expect(!matches("/v1/chat/*", "/v1/chats"))
        #expect(matches("/*", "unmatched") && !matches("/{any}", "unmatched"))
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
