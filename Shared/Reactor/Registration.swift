import Glibc

/// One socket as its loop sees it. On the loop.
final class Registration {
    let descriptor: Int32
    let token: UInt64
    let loop: EventLoop
    let owner: Listener?
    let reading: Direction
    let writing: Direction
    /// The peer has closed its side or the connection broke: reads never block again.
    private(set) var isHungUp = false
    private(set) var isClosed = false
    var onHangup: (() -> Void)?
    var onDrain: (() -> Void)?
    /// Nothing is under way: a wait to read may be ended by a drain.
    private var isIdle = false

    init(_ descriptor: Int32, generation: UInt32, loop: EventLoop, owner: Listener?) {
        self.descriptor = descriptor
        self.token = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        self.loop = loop
        self.owner = owner
        reading = Direction(loop)
        writing = Direction(loop)
    }

    func deliver(_ event: Poller.Event) {
        if event.isHangup, !isHungUp {
            isHungUp = true
            onHangup?()
        }
        if event.isReadable {
            reading.isReady = true
            reading.wake(.ready)
        }
        if event.isWritable {
            writing.isReady = true
            writing.wake(.ready)
        }
    }

    func waitToRead(until deadline: Deadline, isIdle idle: Bool) async throws -> Readiness {
        if isClosed { return .closed }
        if idle, owner?.isDraining == true { return .draining }
        isIdle = idle
        defer { isIdle = false }
        return try await reading.wait(until: deadline)
    }

    func waitToWrite(until deadline: Deadline) async throws -> Readiness {
        if isClosed { return .closed }
        return try await writing.wait(until: deadline)
    }

    /// Ends the wait of a connection that has nothing under way, and tells one that has.
    func wakeForDrain() {
        if isIdle { reading.wake(.draining) }
        onDrain?()
    }

    /// Closes the descriptor; whoever waits learns it.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.own.remove(self)
        Glibc.close(descriptor)
        onHangup = nil
        onDrain = nil
        reading.close()
        writing.close()
    }
}
