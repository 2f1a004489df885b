import Contracts
public import HTTPTransport
public import Reactor
import Synchronization

/// One writer of each thing that is uploaded, in this process, which alone has the folder. Who comes later asks the one before to
/// stop: a connection that died without a word would else hold the upload until its timeout. Gone with the process. Any loop.
public final class WriterLocks<Key: Hashable & Sendable>: Sendable {
    /// How long a writer may take to store what it has and stop.
    public static var takeoverTimeout: Duration { .seconds(5) }

    private let holders = Mutex<[Key: WriterLock]>([:])

    /// Nobody writes.
    public init() {}

    /// Takes the lock of one thing; see ``acquire(all:on:)``.
    public func acquire(_ key: Key, on loop: EventLoop) async throws -> WriterLock {
        try await acquire(all: [key], on: loop)
    }

    /// Takes the locks of several things at once, asking who has one to stop: 423 when that takes too long. On the loop.
    public func acquire(all keys: [Key], on loop: EventLoop) async throws -> WriterLock {
        let deadline = Deadline.after(Self.takeoverTimeout)
        while true {
            let own = WriterLock()
            let holder = holders.withLock { holders -> WriterLock? in
                for key in keys {
                    if let holder = holders[key] { return holder }
                }
                for key in keys { holders[key] = own }
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

    /// Gives back the lock of one thing.
    public func release(_ key: Key, _ lock: WriterLock) { release(all: [key], lock) }

    /// Gives back what was taken at once.
    public func release(all keys: [Key], _ lock: WriterLock) {
        holders.withLock { holders in
            for key in keys where holders[key] === lock { holders[key] = nil }
        }
        lock.wake()
    }

    /// Whether somebody writes.
    public func isHeld(_ key: Key) -> Bool { holders.withLock { $0[key] != nil } }
}

/// The right to write, until it is given back. Any thread.
public final class WriterLock: Sendable {
    private struct State {
        var isWanted = false
        var interrupt: (@Sendable () -> Void)?
        var waiters: [Waiter<Void>] = []
    }

    private let state = Mutex(State())

    fileprivate init() {}

    /// Whether somebody else wants to write.
    public var isWanted: Bool { state.withLock(\.isWanted) }

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

extension IncomingBody {
    /// The next bytes, unless somebody takes the writing over meanwhile: 423. On the loop.
    public func next(unlessWanted lock: WriterLock, on loop: EventLoop) async throws -> [UInt8]? {
        let body = LoopBound(self, to: loop)
        return try await lock.hold(on: loop) { try await body.value.next() }
    }

    /// Hands the next bytes to `take` where they lie, unless somebody takes the writing over meanwhile: 423. False at the
    /// end. On the loop.
    public func next(
        unlessWanted lock: WriterLock,
        on loop: EventLoop,
        _ take: @escaping (ArraySlice<UInt8>) throws -> Void
    ) async throws -> Bool {
        let bound = LoopBound((body: self, take: take), to: loop)
        return try await lock.hold(on: loop) { try await bound.value.body.next(bound.value.take) }
    }
}

extension WriterLock {
    /// Waits for the sender, until somebody else wants to write.
    fileprivate func hold<Result: Sendable>(
        on loop: EventLoop,
        _ read: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let reading = Task(executorPreference: loop, operation: read)
        onWanted { reading.cancel() }
        defer { onWanted(nil) }
        do {
            return try await withTaskCancellationHandler {
                try await reading.value
            } onCancel: {
                reading.cancel()
            }
        } catch is CancellationError where isWanted {
            throw Problem(.uploadLocked, "another request has taken the upload over")
        }
    }
}
