import HTTPTransport
import Reactor
import Telemetry
import Testing

@testable import GatewayService

struct LoadBalancerTests {
    private let start = Deadline(nanoseconds: 1_000_000_000)

    private func instances(_ count: Int) -> [Upstream] {
        (0..<count).map { number in
            Upstream(
                "test \(number)",
                at: Origin(host: "127.0.0.1", port: 9),
                client: Upstream.makeClient(),
                metrics: MetricRegistry()
            )
        }
    }

    private func fail(_ instance: Upstream) {
        for _ in 0..<CircuitBreaker.threshold { instance.breaker.record(.failed, at: start) }
    }

    @Test func `instances are asked in turn`() {
        let all = instances(3)
        let balancer = LoadBalancer(all)
        for turn in 0..<7 { #expect(balancer.next(at: start) === all[turn % 3]) }
    }

    @Test func `an instance that does not answer is passed over until its pause is over`() {
        let all = instances(2)
        let balancer = LoadBalancer(all)
        fail(all[0])
        for _ in 0..<4 { #expect(balancer.next(at: start) === all[1]) }
        let later = start.adding(CircuitBreaker.firstPause)
        #expect(balancer.next(at: later) === all[0])
    }

    @Test func `when none answers one says how long to wait`() {
        let all = instances(2)
        let balancer = LoadBalancer(all)
        for instance in all { fail(instance) }
        #expect(balancer.next(at: start).breaker.refusal(at: start) == 1)
    }
}
