import Glibc
import Synchronization
import System

/// Accepts connections on every loop of a group and runs a handler for each.
///
/// With several loops each has a socket of its own on the same port, so a connection never changes threads. Above
/// `connectionLimit` a new connection is closed at once. Out of descriptors, the backlog is shed through a spare one
/// instead of spinning.
public final class Listener: Sendable {
    /// Connections the kernel keeps until they are accepted.
    static let backlog: Int32 = 4096
    /// Connections accepted before the loop's other work gets its turn.
    static let acceptBatch = 64
    /// How long accepting rests when the machine is out of memory or descriptors.
    static let pause = Duration.milliseconds(100)

    /// The address connections come to, with the port the kernel chose when 0 was asked for.
    public let address: SocketAddress
    /// Connections open at the same time, in all loops.
    public let connectionLimit: Int
    private let acceptors: [(loop: EventLoop, descriptor: Int32)]
    private let open = Atomic(0)
    private let draining = Atomic(false)
    private let isRunning = Atomic(false)

    /// Binds the address; `run` then accepts. Fails when another process listens there.
    public init(_ address: SocketAddress, on group: EventLoopGroup, connectionLimit: Int = 10_000) throws {
        self.connectionLimit = connectionLimit
        if address.kind == .unix {
            // A socket file left by an earlier run would make bind fail; data folders are locked by their process.
            try File.remove(address.host)
            acceptors = [(group.loops[0], try Socket.listen(address, backlog: Self.backlog, sharing: false))]
            self.address = address
            return
        }
        // The first bind is exclusive: with SO_REUSEPORT alone a second process would share the port unnoticed.
        let probe = try Socket.listen(address, backlog: Self.backlog, sharing: false)
        let bound = try Socket.localAddress(probe)
        self.address = bound
        guard group.loops.count > 1 else {
            acceptors = [(group.loops[0], probe)]
            return
        }
        close(probe)
        acceptors = try group.loops.map { ($0, try Socket.listen(bound, backlog: Self.backlog, sharing: true)) }
    }

    deinit {
        // `run` closes the sockets when it stops accepting.
        guard !isRunning.load(ordering: .acquiring) else { return }
        for (_, descriptor) in acceptors { close(descriptor) }
    }

    /// How many connections are open.
    public var connectionCount: Int { open.load(ordering: .relaxed) }

    /// Whether `stop` was called.
    public var isDraining: Bool { draining.load(ordering: .acquiring) }

    /// Accepts until `stop` is called or the task is cancelled, and returns when all handlers have: after `grace` they
    /// are cancelled. Each handler is a child task on the loop of its connection, which is closed after it. Call once.
    public func run(
        grace: Duration = .seconds(20),
        _ handler: @escaping @Sendable (Connection) async -> Void
    ) async {
        isRunning.store(true, ordering: .releasing)
        await withDiscardingTaskGroup { group in
            for (loop, descriptor) in acceptors {
                group.addTask(executorPreference: loop) {
                    await self.accept(descriptor, on: loop, grace: grace, handler)
                }
            }
        }
        if address.kind == .unix { try? File.remove(address.host) }
    }

    /// Stops accepting, ends connections that wait for a request, and lets the others finish. Any thread; further calls
    /// do nothing.
    public func stop() {
        guard !draining.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for (loop, _) in acceptors {
            Task(executorPreference: loop) { loop.own.wakeForDrain(self) }
        }
    }

    // MARK: One loop

    private func accept(
        _ descriptor: Int32,
        on loop: EventLoop,
        grace: Duration,
        _ handler: @escaping @Sendable (Connection) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            var spare = open(spare: "/dev/null")
            defer { close(spare) }
            // A loop that cannot watch one more descriptor, or a cancelled run, ends like a stop.
            try? await acceptAll(descriptor, on: loop, spare: &spare) { accepted, remote in
                group.addTask(executorPreference: loop) {
                    await self.serve(accepted, remote, on: loop, handler)
                }
            }
            await drain(until: .after(grace), on: loop)
            group.cancelAll()
        }
    }

    private func acceptAll(
        _ descriptor: Int32,
        on loop: EventLoop,
        spare: inout Int32,
        _ start: (Int32, SocketAddress) -> Void
    ) async throws {
        let registration = try loop.register(descriptor, owner: self)
        defer { registration.close() }
        var batch = 0
        while !isDraining {
            switch arrival(descriptor, &spare) {
            case .connection(let accepted, let remote):
                if open.add(1, ordering: .relaxed).newValue > connectionLimit {
                    open.subtract(1, ordering: .relaxed)
                    close(accepted)
                } else {
                    start(accepted, remote)
                }
            case .turnedAway: break
            case .nobody: _ = try await registration.waitToRead(until: .never, isIdle: true)
            case .failed: try await loop.sleep(for: Self.pause)
            }
            batch += 1
            if batch % Self.acceptBatch == 0 { try await loop.yield() }
        }
    }

    /// What one look at the backlog brought.
    private enum Arrival {
        case connection(Int32, SocketAddress)
        /// It was there and is gone.
        case turnedAway
        case nobody
        /// Out of memory, or of descriptors without a spare one: more tries would only spin.
        case failed
    }

    private func arrival(_ descriptor: Int32, _ spare: inout Int32) -> Arrival {
        // Lost to another thread while it was used: before the next connection takes what has become free.
        if spare < 0 { spare = open(spare: "/dev/null") }
        switch Socket.accept(descriptor) {
        case .success((let accepted, let remote)): return .connection(accepted, remote)
        case .failure(let error) where error.isEmptyBacklog: return .nobody
        case .failure(let error) where error.isOutOfDescriptors && spare >= 0: return shed(descriptor, &spare)
        case .failure(let error) where error.isOfOneConnection: return .turnedAway
        case .failure: return .failed
        }
    }

    /// Closes one waiting connection by way of the spare descriptor, so that its peer learns it and epoll goes quiet. There
    /// may be none: accept(2) looks for a descriptor first.
    private func shed(_ descriptor: Int32, _ spare: inout Int32) -> Arrival {
        close(spare)
        defer { spare = open(spare: "/dev/null") }
        switch Socket.accept(descriptor) {
        case .success((let accepted, _)):
            close(accepted)
            return .turnedAway
        case .failure(let error) where error.isEmptyBacklog: return .nobody
        case .failure(let error) where error.isOfOneConnection: return .turnedAway
        case .failure: return .failed
        }
    }

    private func open(spare path: String) -> Int32 {
        unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    }

    private func serve(
        _ descriptor: Int32,
        _ remote: SocketAddress,
        on loop: EventLoop,
        _ handler: @Sendable (Connection) async -> Void
    ) async {
        defer { open.subtract(1, ordering: .relaxed) }
        do {
            let connection = try Connection(descriptor, remote, loop: loop, owner: self)
            defer { connection.close() }
            await handler(connection)
        } catch {
            // The kernel has no room to watch it.
            close(descriptor)
        }
    }

    private func drain(until deadline: Deadline, on loop: EventLoop) async {
        while connectionCount > 0, loop.now < deadline.nanoseconds, !Task.isCancelled {
            // Ends early only when cancelled, which the condition sees.
            try? await loop.sleep(for: .milliseconds(5))
        }
    }
}

extension LoopState {
    /// Ends the waits of a listener's idle connections and of its accepting task.
    func wakeForDrain(_ listener: Listener) {
        for case let registration? in registrations where registration.owner === listener {
            registration.wakeForDrain()
        }
    }
}
