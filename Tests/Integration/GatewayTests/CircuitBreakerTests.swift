import Reactor
import Testing

@testable import GatewayService

struct CircuitBreakerTests {
    private let start = Deadline(nanoseconds: 1_000_000_000)

    private func opened() -> CircuitBreaker {
        let breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.threshold { breaker.record(.failed, at: start) }
        return breaker
    }

    @Test func `single failures between answers keep it closed`() {
        let breaker = CircuitBreaker()
        for _ in 0..<20 {
            breaker.record(.failed, at: start)
            breaker.record(.failed, at: start)
            breaker.record(.answered, at: start)
        }
        #expect(!breaker.isOpen && breaker.refusal(at: start) == nil)
    }

    @Test func `failures in a row open it for a time, then one request tries`() {
        let breaker = opened()
        #expect(breaker.isOpen && breaker.refusal(at: start) == 1)
        let later = start.adding(CircuitBreaker.firstPause)
        #expect(breaker.refusal(at: later) == nil)
        #expect(breaker.refusal(at: later) == 1)
        breaker.record(.answered, at: later)
        #expect(!breaker.isOpen && breaker.refusal(at: later) == nil)
    }

    @Test func `each failed try doubles the time, up to the longest`() {
        let breaker = opened()
        var (now, pause) = (start, CircuitBreaker.firstPause)
        for _ in 0..<10 {
            now = now.adding(pause)
            #expect(breaker.refusal(at: now) == nil)
            breaker.record(.failed, at: now)
            pause = min(pause * 2, CircuitBreaker.longestPause)
            #expect(breaker.refusal(at: now.adding(pause - .milliseconds(1))) != nil)
        }
        #expect(breaker.refusal(at: now) == 5)
    }

    @Test func `a try that nobody waited for lets the next one try`() {
        let breaker = opened()
        let later = start.adding(CircuitBreaker.firstPause)
        #expect(breaker.refusal(at: later) == nil)
        breaker.record(.abandoned, at: later)
        #expect(breaker.isOpen && breaker.refusal(at: later) == nil)
    }
}
