import HTTPCore
public import Reactor

/// Carries a WebSocket's bytes both ways between a client and a service after both have switched protocols, with
/// back-pressure and without looking at messages. Frames are followed only so far that a close frame can be added when the
/// server drains. Belongs to the loop of both connections.
public final class WebSocketTunnel {
    /// Silence in both directions after which the tunnel ends; services ask every 25 s.
    public static let idleTimeout = Duration.seconds(90)
    /// For one side to take what the other sent.
    static let writeTimeout = Duration.seconds(30)
    /// For the second side to end after the first.
    static let lingerTimeout = Duration.seconds(2)

    private let loop: EventLoop
    private let fromClient: Lane
    private let fromService: Lane
    /// When something passed last.
    private var lastMoved: UInt64

    /// One direction.
    private final class Lane {
        let source: Connection
        let sink: Connection
        let role: WebSocketRole
        var frames = WebSocketFrameTracker()
        /// Waits for its source, so that nothing else writes to its sink.
        var isReading = false
        /// A close frame is to follow the frame under way.
        var isLeaving = false
        /// What still comes is dropped.
        var isClosed = false
        let ended = Waiter<Void>()

        init(from source: Connection, to sink: Connection, as role: WebSocketRole) {
            self.source = source
            self.sink = sink
            self.role = role
        }
    }

    private enum End {
        case ended
        case broken
        case draining
    }

    /// A tunnel between two connections whose handshakes are done.
    public init(client: Connection, service: Connection) {
        loop = client.loop
        lastMoved = client.loop.now
        fromClient = Lane(from: client, to: service, as: .client)
        fromService = Lane(from: service, to: client, as: .server)
    }

    /// Runs until one side ends, and closes both. When the server of the client's connection drains, both sides get a close
    /// frame with 1001. On the loop, once.
    public func run() async {
        let bound = LoopBound(self, to: loop)
        await withTaskGroup { group in
            group.addTask(executorPreference: loop) { await bound.value.run(bound.value.fromService) }
            await run(fromClient)
        }
    }

    private func run(_ lane: Lane) async {
        let other = lane === fromClient ? fromService : fromClient
        var end = await pump(lane)
        if end == .draining {
            await leave(fromService)
            await leave(fromClient)
            end = await pump(lane, until: loop.deadline(after: Self.lingerTimeout))
        }
        lane.ended.resume(.success(()))
        if end == .ended {
            // What the one side wrote last, such as a close frame, is to reach the other, and its answer may come back.
            lane.sink.shutdownWrite()
            // Whether it ended or its time is up: both are closed.
            _ = try? await loop.wait(for: other.ended, until: loop.deadline(after: Self.lingerTimeout))
        }
        lane.source.close()
        lane.sink.close()
    }

    // MARK: One direction

    /// Passes bytes on until the source ends.
    private func pump(_ lane: Lane, until limit: Deadline = .never) async -> End {
        let source = lane.source
        do {
            while true {
                if !source.input.isEmpty { try await pass(lane) }
                lane.isReading = true
                defer { lane.isReading = false }
                let idle = Deadline(nanoseconds: lastMoved).adding(Self.idleTimeout)
                let isOpen = lane === fromClient && limit == .never
                guard try await source.fill(until: min(idle, limit), isIdle: isOpen) else { return .ended }
            }
        } catch ConnectionError.draining {
            return .draining
        } catch ConnectionError.failed {
            return .ended
        } catch ConnectionError.timedOut where loop.now < limit.nanoseconds && isActive {
            return await pump(lane, until: limit)
        } catch {
            // Broken, silent, out of time or cancelled: the tunnel ends, which is all there is to tell.
            return .broken
        }
    }

    private var isActive: Bool { loop.now < Deadline(nanoseconds: lastMoved).adding(Self.idleTimeout).nanoseconds }

    private func pass(_ lane: Lane) async throws {
        lastMoved = loop.now
        let bytes = lane.source.input.take(lane.source.input.count)
        guard !lane.isClosed else { return }
        lane.frames.advance(over: bytes.span)
        do {
            try await lane.sink.write(bytes, until: loop.deadline(after: Self.writeTimeout))
        } catch ConnectionError.failed {
            // The sink is gone; what it said last, such as why, is still on its way in the other lane.
            lane.isClosed = true
        }
        if lane.isLeaving, lane.frames.isBetweenFrames { try await close(lane) }
    }

    // MARK: Going away

    /// Ends a direction with a close frame: now, or by its own task after the frame under way.
    private func leave(_ lane: Lane) async {
        lane.isLeaving = true
        guard lane === fromClient || lane.isReading, lane.frames.isBetweenFrames else { return }
        // A peer that is gone needs no goodbye.
        try? await close(lane)
    }

    private func close(_ lane: Lane) async throws {
        guard !lane.isClosed else { return }
        lane.isClosed = true
        guard !lane.frames.hasClosed else { return }
        var frame: [UInt8] = []
        let payload = WebSocketFrame.closePayload(.goingAway, reason: "the server stops")
        WebSocketFrame.append(.close, payload.span, mask: lane.role.newMask(), to: &frame)
        try await lane.sink.write(frame, until: loop.deadline(after: Self.writeTimeout))
        // The server is to end the connection first (RFC 6455 section 7.1.1): to the client that is us.
        if lane.role == .server { lane.sink.shutdownWrite() }
    }
}
