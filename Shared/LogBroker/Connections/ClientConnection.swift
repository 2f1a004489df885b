import KafkaProtocol
import Reactor
import Telemetry

/// One client: reads frames, hands requests on in order, and writes the responses in the same order.
///
/// Reading and writing are two tasks of the connection's loop, so batches that arrive while a produce request waits for
/// the disk join the next round instead of waiting behind it. Belongs to its loop.
final class ClientConnection {
    private let stream: ClientStream
    private var connection: Connection { stream.connection }
    private let core: BrokerCore
    private let session: Session
    private let responses = ResponseQueue()

    private init(_ stream: ClientStream, core: BrokerCore) {
        self.stream = stream
        self.core = core
        session = Session(stream, core: core)
    }

    /// Serves a client until it leaves, breaks the protocol or the broker stops.
    static func serve(_ connection: Connection, core: BrokerCore) async {
        core.metrics.connections.add(1)
        defer { core.metrics.connections.add(-1) }
        do {
            guard let stream = try await ClientStream.open(connection, core.certificates) else { return }
            await ClientConnection(stream, core: core).serve()
        } catch ConnectionError.draining {
            return
        } catch {
            core.metrics.failedHandshakes.increment()
            core.logger.info(
                "connection refused: \(error)",
                metadata: ["client": .string(connection.remoteAddress.description)]
            )
        }
    }

    private func serve() async {
        let writer = LoopBound(self, to: connection.loop)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await writer.value.writeResponses() }
            await readRequests()
            responses.finish()
        }
        await stream.finish()
    }

    private func readRequests() async {
        do {
            let handler = RequestHandler(core: core, session: session, loop: connection.loop)
            try await RequestClock.$current.withValue(session.clock) {
                while let (frame, lease) = try await nextFrame() {
                    core.metrics.requests.increment()
                    session.clock.start()
                    guard let response = try await handler.handle(frame) else { break }
                    try await responses.append {
                        defer { withExtendedLifetime(lease) {} }
                        return try await response()
                    }
                    if session.pause > 0 { try await rest() }
                }
            }
        } catch ConnectionError.draining {
            return
        } catch let error as RequestError {
            core.metrics.refusedRequests.increment()
            core.logger.info(
                "connection closed: \(error)",
                metadata: ["client": .string(connection.remoteAddress.description)]
            )
        } catch {
            core.logger.debug("connection lost: \(error)")
        }
    }

    /// The next frame without its length; nil when the client has closed the connection between two frames.
    private func nextFrame() async throws -> (frame: [UInt8], lease: RequestMemory.Lease?)? {
        while stream.count < 4 {
            // A stop may end this wait: responses under way are written all the same.
            guard try await stream.fill(until: .after(Limit.idle), isIdle: stream.count == 0) else { return nil }
        }
        var reader = WireReader(stream.peek(4))
        let size = Int(try reader.int32())
        let limit = session.mayProceed ? core.configuration.maximumRequestBytes : Limit.unauthenticatedRequestBytes
        guard size > 0, size <= limit else { throw RequestError.frameSize(size) }
        let lease = try await reserve(size)
        stream.skip(4)
        guard let frame = try await stream.read(exactly: size, timeout: Limit.frame) else { return nil }
        core.traffic.receivedBytes.increment(by: UInt64(4 + size))
        return (frame, lease)
    }

    private func reserve(_ size: Int) async throws -> RequestMemory.Lease? {
        do {
            return try await core.memory.reserve(size, on: connection.loop, until: .after(Limit.requestMemory))
        } catch is DeadlineExceeded {
            core.traffic.memoryTimeouts.increment()
            throw RequestError.noMemory(size)
        }
    }

    /// Beyond a quota: the connection is not read for as long as its answer says (KIP-219), unless the broker stops.
    private func rest() async throws {
        let wakened = Waiter<Void>()
        connection.onDrain { wakened.resume(.success(())) }
        connection.onHangup { wakened.resume(.success(())) }
        defer {
            connection.onDrain(nil)
            connection.onHangup(nil)
        }
        let end = connection.loop.deadline(after: .milliseconds(session.pause))
        session.pause = 0
        do {
            try await connection.loop.wait(for: wakened, until: end)
        } catch is DeadlineExceeded {
            // The time is over.
        }
    }

    private func writeResponses() async {
        do {
            while let response = try await responses.next() {
                guard let slices = try await response() else { continue }
                try await stream.write(slices, until: .after(Limit.write))
                core.traffic.sentBytes.increment(by: slices.reduce(0) { $0 + UInt64($1.count) })
            }
        } catch {
            // The client is gone or does not read: the reading side learns it from the closed socket.
            connection.close()
            responses.abandon()
        }
    }
}

/// Why a connection is closed.
enum RequestError: Error {
    case frameSize(Int)
    case noMemory(Int)
    case notEncrypted
    case unknownAPI(Int16)
    case unsupportedVersion(APIKey, Int16)
    case malformed(APIKey, WireError)
    case notAuthenticated
    case sessionExpired
}
