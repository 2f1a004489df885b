import System
import Testing

@testable import CommentService

struct PaceTests {
    private let start = Timestamp(milliseconds: 1_742_378_400_000)

    @Test func `a minute's worth may come at once, then one an interval`() throws {
        let pace = Pace(perMinute: 6)
        var emptyAt: Timestamp?
        for _ in 0..<6 { emptyAt = try pace.take(at: start, emptyAt: emptyAt).get() }
        #expect(pace.take(at: start, emptyAt: emptyAt) == .failure(Pace.Refusal(milliseconds: 10_000)))
        emptyAt = try pace.take(at: start.adding(seconds: 10), emptyAt: emptyAt).get()
        #expect(throws: Pace.Refusal.self) { try pace.take(at: start.adding(seconds: 10), emptyAt: emptyAt).get() }
        for _ in 0..<6 { emptyAt = try pace.take(at: start.adding(seconds: 90), emptyAt: emptyAt).get() }
    }

    @Test func `a clock that was set back locks nobody out for longer than a window`() throws {
        let pace = Pace(perMinute: 1)
        let emptyAt = start.adding(seconds: 365 * 86_400)
        let refusal = try #require(throws: Pace.Refusal.self) { try pace.take(at: start, emptyAt: emptyAt).get() }
        #expect(refusal.seconds == 60)
    }
}
