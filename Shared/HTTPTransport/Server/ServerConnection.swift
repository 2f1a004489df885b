import HTTPCore
import Reactor
import System

/// The life of one server connection: read a head, let the handler answer, write, and again until one side wants to end.
final class ServerConnection {
    /// What comes after a response.
    private enum Next {
        /// The next request.
        case keepAlive
        /// Nothing: let the client read what was written, then close.
        case linger
        /// The other protocol, which has been agreed on.
        case upgrade
        /// Nothing: the connection broke.
        case close
    }

    /// A protocol to be spoken instead of HTTP, and the request that asked for it.
    private struct Upgrade {
        let session: (Connection) async throws -> Void
        let request: Request
        let start: UInt64
        let sent: UInt64
    }

    /// A pause that ends a burst of requests: long enough for a client that sends its next one as soon as it can.
    private static let burstPause = Duration.milliseconds(20)

    private let connection: Connection
    private let server: HTTPServer
    private var served = 0
    /// The status of the response under way, and whether it was written to its end.
    private var status = HTTPResponse.Status.internalServerError
    private var isComplete = false
    private var upgrade: Upgrade?
    /// Bytes of the connection that came before it changed its protocol.
    private var receivedBeforeUpgrade: UInt64 = 0

    init(_ connection: Connection, of server: HTTPServer) {
        self.connection = connection
        self.server = server
    }

    // What `run` calls is not inlined: the room it needs would be kept for as long as a connection waits.
    func run() async {
        do {
            while try await hasRequest() {
                switch try await serveApart() {
                case .keepAlive: continue
                case .linger: return await linger()
                case .upgrade: return await runSession()
                case .close: return
                }
            }
        } catch let error as HTTPParseError {
            await refuse(error.status)
        } catch ConnectionError.timedOut where !connection.input.isEmpty {
            await refuse(.requestTimeout)
        } catch {
            // Idle for too long, drained, cancelled or broken: there is nobody to tell.
        }
    }

    // MARK: Reading

    /// Waits for the first byte of a request, in as little memory as can be; false when the client has ended.
    @inline(never)
    private func hasRequest() async throws -> Bool {
        guard connection.input.isEmpty else { return true }
        let idle = connection.loop.deadline(after: server.configuration.keepAliveTimeout)
        return try await connection.fill(until: idle, isIdle: true)
    }

    /// The next head; nil when the client has ended. An incomplete one at the end of the stream is dropped in silence.
    private func readHead(within idleTimeout: Duration) async throws -> RequestHead? {
        var parser = RequestHeadParser(limits: server.configuration.limits)
        var deadline: Deadline?
        while true {
            if !connection.input.isEmpty {
                let bytes = connection.input.bytes
                if let (head, consumed) = try parser.parse(bytes.span.extracting(connection.input.readable)) {
                    connection.input.consume(consumed)
                    return head
                }
                deadline = deadline ?? connection.loop.deadline(after: server.configuration.headTimeout)
            }
            let idle = connection.loop.deadline(after: idleTimeout)
            guard try await connection.fill(until: deadline ?? idle, isIdle: deadline == nil) else { return nil }
        }
    }

    private func makeBody(_ head: RequestHead) -> IncomingBody {
        let body = IncomingBody(head.body, from: connection, readTimeout: server.configuration.bodyTimeout)
        guard head.expectsContinue else { return body }
        body.beforeWaiting = { [connection, server] in
            let deadline = connection.loop.deadline(after: server.configuration.writeTimeout)
            do {
                try await connection.write(HeadSerializer.continueResponse, until: deadline)
            } catch {
                // Part of it may be out: nothing that follows could be understood.
                connection.close()
                throw error
            }
        }
        return body
    }

    // MARK: Answering

    /// Serves in a task of its own: the memory that deep calls make a task keep ends with it, and a connection that waits holds
    /// little more than its socket. A group, because `async let` would take more room in the waiting task.
    @inline(never)
    private func serveApart() async throws -> Next {
        let bound = LoopBound(self, to: connection.loop)
        return try await withThrowingTaskGroup(of: Next.self) { group in
            group.addTask(executorPreference: bound.loop) { try await bound.value.serveBurst() }
            return try await group.next() ?? .close
        }
    }

    /// Serves requests that follow each other quickly.
    private func serveBurst() async throws -> Next {
        while true {
            var head: RequestHead
            do {
                guard let next = try await readHead(within: Self.burstPause) else { return .close }
                head = next
            } catch ConnectionError.timedOut where connection.input.isEmpty {
                return .keepAlive
            }
            served += 1
            let next = try await serve(&head)
            guard next == .keepAlive else { return next }
        }
    }

    /// Takes the request out of the head.
    private func serve(_ head: inout RequestHead) async throws -> Next {
        let body = makeBody(head)
        let request = Request(&head, body: body, connection: connection)
        let (start, sent) = (MonotonicClock.nanoseconds, connection.sentBytes)
        defer { if upgrade == nil { finish(request, since: start, sent) } }
        var response = await answer(request)
        if case .upgrade(let session) = response.body {
            guard response.status == .switchingProtocols, head.wantsUpgrade, body.isComplete else {
                return try await write(.text(.internalServerError, "No upgrade was asked for.\n"), head, body)
            }
            try await switchProtocols(response)
            // What the request brought is of no use while the other protocol lasts.
            request.head.headerFields = [:]
            upgrade = Upgrade(session: session, request: request, start: start, sent: sent)
            return .upgrade
        }
        if response.status.code < 200 { response = Response(.internalServerError) }
        return try await write(response, head, body)
    }

    private func answer(_ request: Request) async -> Response {
        do {
            return try await server.handler(request)
        } catch let error as any ResponseConvertible {
            return error.response
        } catch {
            return .text(.internalServerError, "Something went wrong.\n")
        }
    }

    private func write(_ response: Response, _ head: RequestHead, _ body: IncomingBody) async throws -> Next {
        let isHead = head.request.method == .head
        var keepsAlive =
            head.keepsAlive && head.request.method != .connect && served < server.configuration.requestsPerConnection
            && !connection.isDraining
            && mayDrain(body)
        if case .stream(nil, _) = response.body, head.version == .http10 { keepsAlive = false }
        let writer = ResponseWriter(connection, version: head.version, timeout: server.configuration.writeTimeout)
        (status, isComplete) = (response.status, false)
        do {
            try await writer.write(response, isHead: isHead, keepsAlive: keepsAlive)
        } catch  where writer.hasStarted {
            // The response is cut off: an abrupt end is all that can tell the client.
            return .close
        } catch {
            let response = failure(error)
            status = response.status
            try await writer.write(response, isHead: isHead, keepsAlive: false)
            isComplete = true
            return .linger
        }
        isComplete = true
        guard keepsAlive, !body.isBroken else { return .linger }
        return try await drain(body) ? .keepAlive : .linger
    }

    /// The response to a body that failed before its first byte.
    private func failure(_ error: any Error) -> Response {
        (error as? any ResponseConvertible)?.response ?? .text(.internalServerError, "Something went wrong.\n")
    }

    private func switchProtocols(_ response: Response) async throws {
        let writer = ResponseWriter(connection, version: .http11, timeout: server.configuration.writeTimeout)
        (status, isComplete) = (response.status, false)
        try await writer.write(Response(response.status, response.headerFields), isHead: false, keepsAlive: true)
        receivedBeforeUpgrade = connection.receivedBytes - UInt64(connection.input.count)
    }

    /// Speaks the other protocol, in the connection's own task: that of the request has ended with the memory it took.
    @inline(never)
    private func runSession() async {
        guard let upgrade else { return }
        defer { finish(upgrade.request, since: upgrade.start, upgrade.sent) }
        do {
            try await upgrade.session(connection)
            isComplete = true
        } catch {
            // The session broke: there is nobody to tell but the observer.
        }
    }

    private func finish(_ request: Request, since start: UInt64, _ sentBefore: UInt64) {
        connection.onHangup(nil)
        connection.onDrain(nil)
        tell(request, since: start, sentBefore)
    }

    // MARK: What the handler left unread

    /// Whether the rest of the body is, as far as known, little enough to read. A client that still waits for 100 may send
    /// its body or not, so nothing can follow.
    private func mayDrain(_ body: IncomingBody) -> Bool {
        if body.isComplete { return true }
        guard !body.isBroken, body.beforeWaiting == nil else { return false }
        guard let length = body.length else { return true }
        return length - body.received <= server.configuration.drainBytes
    }

    private func drain(_ body: IncomingBody) async throws -> Bool {
        guard !body.isComplete else { return true }
        body.readTimeout = server.configuration.drainTimeout
        let deadline = connection.loop.deadline(after: server.configuration.drainTimeout)
        let limit = body.received + server.configuration.drainBytes
        do {
            while try await body.next() != nil {
                if body.received > limit || connection.loop.now > deadline.nanoseconds { return false }
            }
        } catch is BodyError {
            return false
        }
        return true
    }

    /// Answers what cannot be served and ends the connection: where the next request begins is unknown.
    @inline(never)
    private func refuse(_ status: HTTPResponse.Status) async {
        let writer = ResponseWriter(connection, version: .http11, timeout: server.configuration.writeTimeout)
        let (start, sent) = (MonotonicClock.nanoseconds, connection.sentBytes)
        (self.status, isComplete) = (status, false)
        defer { tell(nil, since: start, sent) }
        do {
            try await writer.write(server.configuration.refusal(status), isHead: false, keepsAlive: false)
            isComplete = true
            await linger()
        } catch {
            // The client is gone: nothing is left to say.
        }
    }

    private func tell(_ request: Request?, since start: UInt64, _ sentBefore: UInt64) {
        guard let observer = server.observer else { return }
        let received = connection.receivedBytes - receivedBeforeUpgrade
        observer(
            ServedRequest(
                request: request,
                remoteAddress: connection.remoteAddress,
                status: status,
                isComplete: isComplete,
                duration: .nanoseconds(Int64(clamping: MonotonicClock.nanoseconds - start)),
                receivedBytes: status == .switchingProtocols ? received : request?.body.received ?? 0,
                sentBytes: connection.sentBytes - sentBefore
            )
        )
    }

    @inline(never)
    private func linger() async {
        await connection.lingeringClose(until: connection.loop.deadline(after: server.configuration.lingerTimeout))
    }
}
