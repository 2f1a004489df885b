import Contracts
import Reactor
import ServiceKit
import Synchronization
import System

/// One writer an upload, in this process, which alone has the folder. Who comes later asks the one before to stop: a
/// connection that died without a word would else hold the upload until its timeout. Gone with the process. Any loop.
final class UploadLocks: Sendable {
    /// How long a writer may take to store what it has and stop.
    static let takeoverTimeout = Duration.seconds(5)

    /// The right to write; given back by `release`.
    final class Lock: Sendable {
        private struct State {
            var isWanted = false
            var interrupt: (@Sendable () -> Void)?
            var waiters: [Waiter<Void>] = []
        }

        private let state = Mutex(State())

        /// Whether somebody else wants to write.
        var isWanted: Bool { state.withLock(\.isWanted) }

        /// What wakes the writer from waiting for bytes; called at once when it is wanted already.
        func onWanted(_ interrupt: (@Sendable () -> Void)?) {
            let isWanted = state.withLock { state in
                state.interrupt = interrupt
                return state.isWanted
            }
            if isWanted { interrupt?() }
        }

        fileprivate func want(_ waiter: Waiter<Void>) {
            let interrupt = state.withLock { state in
                state.isWanted = true
                state.waiters.append(waiter)
                return state.interrupt
            }
            interrupt?()
        }

        fileprivate func wake() {
            for waiter in state.withLock(\.waiters) { waiter.resume(.success(())) }
        }
    }

    private let holders = Mutex<[Identifier: Lock]>([:])

    /// Takes the lock, asking who has it to stop: 423 when that takes too long. On the loop.
    func acquire(_ id: Identifier, on loop: EventLoop) async throws -> Lock {
        let deadline = Deadline.after(Self.takeoverTimeout)
        while true {
            let own = Lock()
            let holder = holders.withLock { holders in
                if let holder = holders[id] { return holder as Lock? }
                holders[id] = own
                return nil
            }
            guard let holder else { return own }
            let waiter = Waiter<Void>()
            holder.want(waiter)
            do {
                // Released between the look and the wish, it wakes nobody: look again now and then.
                try await loop.wait(for: waiter, until: min(deadline, .after(.milliseconds(100))))
            } catch is DeadlineExceeded {
                guard Deadline.after(.zero) < deadline else { throw Problem(.uploadLocked, retryAfter: 1) }
            }
        }
    }

    func release(_ id: Identifier, _ lock: Lock) {
        holders.withLock { if $0[id] === lock { $0[id] = nil } }
        lock.wake()
    }

    /// Whether somebody writes.
    func isHeld(_ id: Identifier) -> Bool { holders.withLock { $0[id] != nil } }
}
