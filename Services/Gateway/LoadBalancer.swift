import HTTPTransport
import Reactor
import Synchronization

/// The instances of one service: requests go to them in turn, past those that do not answer. Any loop.
final class LoadBalancer: Sendable {
    private let instances: [Upstream]
    private let turn = Atomic<UInt>(0)

    /// - Parameter instances: At least one.
    init(_ instances: [Upstream]) {
        precondition(!instances.isEmpty, "a service has an instance")
        self.instances = instances
    }

    /// The instance for the next request; when none may be asked, one that says how long to wait.
    func next(at now: Deadline) -> Upstream {
        guard instances.count > 1 else { return instances[0] }
        let first = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let count = UInt(instances.count)
        for offset in 0..<count {
            let instance = instances[Int((first &+ offset) % count)]
            if instance.breaker.mayPass(at: now) { return instance }
        }
        return instances[Int(first % count)]
    }
}
