import HTTPCore
import Reactor
import Synchronization
import System

/// Why a service gave no answer; becomes 502, 503 or 504.
enum UpstreamError: Error {
    /// No connection could be made.
    case unreachable
    /// The connection broke, or the answer was not HTTP.
    case brokenAnswer
    /// The answer took too long.
    case timedOut
    /// The client left; nobody reads what is answered.
    case clientGone
}

/// Where a service listens, and its connections that wait for the next request, of one loop.
final class UpstreamPool {
    /// Idle connections kept for one service.
    static let idleLimit = 64
    /// Less than the services' own 60 s, so that theirs does not close first.
    static let idleTime = Duration.seconds(50)
    static let connectTimeout = Duration.seconds(2)

    private struct Idle {
        let connection: Connection
        let until: UInt64
    }

    private var idle: [SocketAddress: [Idle]] = [:]

    /// A connection that waits; the youngest first. Nil when there is none that still works.
    func take(_ address: SocketAddress, on loop: EventLoop) -> Connection? {
        while let candidate = idle[address]?.popLast() {
            if candidate.until > loop.now, candidate.connection.isQuiet { return candidate.connection }
            candidate.connection.close()
        }
        return nil
    }

    /// Keeps a connection whose last answer was read to its end.
    func give(_ connection: Connection, _ address: SocketAddress, on loop: EventLoop) {
        let until = loop.deadline(after: Self.idleTime).nanoseconds
        var waiting = idle[address, default: []]
        if waiting.count >= Self.idleLimit { waiting.removeFirst().connection.close() }
        waiting.append(Idle(connection: connection, until: until))
        idle[address] = waiting
    }

    static func connect(_ address: SocketAddress, on loop: EventLoop) async throws -> Connection {
        do {
            return try await Connection.connect(to: address, on: loop, until: loop.deadline(after: connectTimeout))
        } catch is ConnectionError {
            throw UpstreamError.unreachable
        }
    }
}

/// One request to a service and its answer, on one connection. On its loop.
final class UpstreamExchange {
    /// To the first byte of the answer.
    static let firstByteTimeout = Duration.seconds(30)
    /// One pause of the service inside an answer; more than two heartbeats of a stream of events.
    static let bodyTimeout = Duration.seconds(60)
    static let writeTimeout = Duration.seconds(30)
    /// Interim answers accepted before the final one.
    static let interimLimit = 8

    let connection: Connection
    private(set) var head: ResponseHead?
    /// Whether anything of the request's body was taken from the client: it cannot be sent again then.
    private(set) var hasTakenBody = false

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Sends head and body, and reads the head of the answer.
    func start(_ request: HTTPRequest, body: BodySource) async throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        HeadSerializer.append(request, to: &bytes)
        do {
            try await send(bytes, body)
        } catch let error as ConnectionError {
            // The service may have answered without reading all: that answer counts.
            guard hasTakenBody, case .failed = error else { throw UpstreamError.brokenAnswer }
        }
        head = try await readHead(to: request.method)
    }

    private func send(_ head: [UInt8], _ body: BodySource) async throws {
        let deadline = connection.loop.deadline(after: Self.writeTimeout)
        guard !body.isEmpty else { return try await connection.write(head, until: deadline) }
        var first = head
        while let bytes = try await body.next() {
            hasTakenBody = true
            let deadline = connection.loop.deadline(after: Self.writeTimeout)
            try await connection.write(first, bytes, until: deadline)
            first = []
        }
        if !first.isEmpty { try await connection.write(first, until: deadline) }
    }

    private func readHead(to method: HTTPRequest.Method) async throws -> ResponseHead {
        var parser = ResponseHeadParser(to: method)
        var interim = 0
        do {
            while true {
                let input = connection.input
                if let (head, consumed) = try parser.parse(input.bytes.span.extracting(input.readable)) {
                    connection.input.consume(consumed)
                    if head.response.status.code >= 200 || head.response.status == .switchingProtocols { return head }
                    interim += 1
                    guard interim <= Self.interimLimit else { throw UpstreamError.brokenAnswer }
                    parser = ResponseHeadParser(to: method)
                    continue
                }
                let deadline = connection.loop.deadline(after: Self.firstByteTimeout)
                guard try await connection.fill(until: deadline) else { throw UpstreamError.brokenAnswer }
            }
        } catch ConnectionError.timedOut {
            throw UpstreamError.timedOut
        } catch is ConnectionError {
            throw UpstreamError.brokenAnswer
        } catch is HTTPParseError {
            throw UpstreamError.brokenAnswer
        }
    }

    /// Hands the body of the answer on piece by piece; true when the connection can be used again.
    func relay(_ head: ResponseHead, _ write: ([UInt8]) async throws -> Void) async throws -> Bool {
        var decoder = BodyDecoder(head.body)
        while !decoder.isComplete {
            let piece = try next(of: &decoder)
            connection.input.consume(piece.framing)
            if piece.data > 0 { try await write(connection.input.take(piece.data)) }
            guard !decoder.isComplete, piece.data == 0 else { continue }
            let deadline = connection.loop.deadline(after: Self.bodyTimeout)
            if try await !connection.fill(until: deadline) { try decoder.finish() }
        }
        return head.keepsAlive && connection.input.isEmpty
    }

    private func next(of decoder: inout BodyDecoder) throws -> BodyPiece {
        let input = connection.input
        return try decoder.next(input.bytes.span.extracting(input.readable))
    }
}
