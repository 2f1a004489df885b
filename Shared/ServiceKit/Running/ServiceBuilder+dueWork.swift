import Reactor

extension ServiceBuilder {
    /// Does what a store keeps for an instant, at that instant, for as long as the service runs; see ``DueWork``.
    public func whenDue(_ name: String, _ step: @escaping DueWork.Step) -> DueWork {
        let work = DueWork(name, clock: clock, logger: logger, step: step)
        every(.seconds(1), name) {
            guard let loop = EventLoop.current else { return }
            await work.run(on: loop)
        }
        return work
    }
}
