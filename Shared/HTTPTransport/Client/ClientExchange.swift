import HTTPCore
import Reactor

/// One request and the head of its response, on one connection.
final class ClientExchange {
    /// Bodies up to this size are copied behind the head, larger ones are gathered by the kernel.
    static let inlineBody = 4096
    private static let ownFields: HTTPField.Name.Set = [.connection, .contentLength, .transferEncoding, .keepAlive]
    /// Room for a head with a token; a longer one grows.
    private static let typicalHead = 1536

    private let pooled: PooledConnection
    private let request: ClientRequest
    private let configuration: HTTPClientConfiguration
    private let deadline: Deadline
    /// The whole request was sent.
    private var isSent = false
    /// When nothing more of the request was to be sent; nil before.
    private var sendingEnded: UInt64?
    /// Why the request could not be sent; explains the end of the connection.
    private var sendingError: (any Error)?
    /// Something of a response has arrived.
    private(set) var hasResponseBytes = false

    init(
        _ pooled: PooledConnection,
        _ request: ClientRequest,
        _ configuration: HTTPClientConfiguration,
        until deadline: Deadline
    ) {
        self.pooled = pooled
        self.request = request
        self.configuration = configuration
        self.deadline = deadline
    }

    private var connection: Connection { pooled.connection }

    func run() async throws -> ClientResponse {
        do {
            try request.cancellation?.begin(connection)
            return try makeResponse(await exchangeHeads())
        } catch {
            pooled.discard()
            throw translate(sendingError ?? error)
        }
    }

    private func translate(_ error: any Error) -> any Error {
        switch error {
        case ConnectionError.timedOut: HTTPClientError.timedOut
        case is ConnectionError: HTTPClientError.connectionLost
        case let error as HTTPParseError: HTTPClientError.malformed(error)
        default: error
        }
    }

    private func exchangeHeads() async throws -> ResponseHead {
        if case .stream(let length, let body) = request.body { return try await stream(body, length) }
        do {
            try await send()
            isSent = true
        } catch ConnectionError.failed {
            // The server may have answered early and closed its side, say with 413: that answer is worth reading.
        }
        sendingEnded = connection.loop.now
        return try await readHead()
    }

    // MARK: Sending

    private func send() async throws {
        guard case .bytes(let bytes) = request.body else {
            return try await connection.write(head(nil), until: writeDeadline)
        }
        let head = head("Content-Length: \(bytes.count)\r\n")
        if bytes.count <= Self.inlineBody {
            try await connection.write(head + bytes, until: writeDeadline)
        } else {
            try await connection.send([head[...], bytes[...]], timeout: configuration.writeTimeout)
        }
    }

    /// Sends in a task of its own while the head is read: a response that comes before the end stops the sending.
    private func stream(
        _ body: @escaping (BodyWriter) async throws -> Void,
        _ length: UInt64?
    ) async throws -> ResponseHead {
        let framing = length.map { "Content-Length: \($0)\r\n" } ?? "Transfer-Encoding: chunked\r\n"
        let writer = BodyWriter(
            connection,
            length.map { .length($0) } ?? .chunked,
            head: head(framing),
            timeout: configuration.writeTimeout
        )
        let sender = LoopBound((self, body, writer), to: connection.loop)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: connection.loop) {
                let (exchange, body, writer) = sender.value
                await exchange.send(body, writer)
            }
            defer { group.cancelAll() }
            return try await readHead()
        }
    }

    private func send(_ body: (BodyWriter) async throws -> Void, _ writer: BodyWriter) async {
        do {
            try await body(writer)
            try await writer.finish()
            isSent = true
        } catch ConnectionError.failed, is CancellationError {
            // The server answered early or is gone: reading tells.
        } catch {
            sendingError = error
            connection.close()
        }
        sendingEnded = connection.loop.now
    }

    private var writeDeadline: Deadline {
        min(deadline, connection.loop.deadline(after: configuration.writeTimeout))
    }

    private func head(_ framing: String?) -> [UInt8] {
        var head = request.head
        if head.authority == nil { head.authority = pooled.origin.description }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.typicalHead)
        HeadSerializer.appendOpen(head, except: Self.ownFields, to: &bytes)
        if let framing {
            bytes.append(contentsOf: framing.utf8)
        } else if !head.method.isSafe, head.method != .delete {
            bytes.append(contentsOf: "Content-Length: 0\r\n".utf8)
        }
        if request.wantsUpgrade { bytes.append(contentsOf: "Connection: upgrade\r\n".utf8) }
        bytes += HeadSerializer.chunkEnd
        return bytes
    }

    // MARK: Receiving

    /// The head of the final response, or of a 101 that was asked for.
    private func readHead() async throws -> ResponseHead {
        for _ in 0...configuration.interimResponses {
            let head = try await readOneHead()
            let status = head.response.status
            if status.code >= 200 { return head }
            if status == .switchingProtocols {
                guard request.wantsUpgrade else { throw HTTPParseError.malformedStatusLine }
                return head
            }
            if status.code != 100, sendingEnded != nil { try await request.onInterim?(head.response) }
        }
        throw HTTPParseError.malformedStatusLine
    }

    private func readOneHead() async throws -> ResponseHead {
        var parser = ResponseHeadParser(to: request.head.method, limits: configuration.limits)
        while true {
            if !connection.input.isEmpty {
                hasResponseBytes = true
                let bytes = connection.input.bytes
                if let (head, consumed) = try parser.parse(bytes.span.extracting(connection.input.readable)) {
                    connection.input.consume(consumed)
                    return head
                }
            }
            guard try await fill() else { throw ConnectionError.closed }
        }
    }

    /// Reads more; `headTimeout` begins when the request has been sent.
    private func fill() async throws -> Bool {
        guard let headTimeout = request.headTimeout else { return try await connection.fill(until: deadline) }
        let loop = connection.loop
        while true {
            let limit = Deadline(nanoseconds: sendingEnded ?? loop.now).adding(headTimeout)
            do {
                return try await connection.fill(until: min(deadline, limit))
            } catch ConnectionError.timedOut {
                let ended = sendingEnded.map { Deadline(nanoseconds: $0).adding(headTimeout).nanoseconds }
                guard loop.now < deadline.nanoseconds, loop.now < ended ?? .max else { throw ConnectionError.timedOut }
            }
        }
    }

    private func makeResponse(_ head: ResponseHead) -> ClientResponse {
        let body = IncomingBody(head.body, from: connection, readTimeout: request.readTimeout)
        let isUpgraded = head.response.status == .switchingProtocols
        // A request that was cut short leaves the server in the middle of it.
        let isReusable = head.keepsAlive && isSent && !isUpgraded
        let finish: (PooledConnection) -> Void = { [cancellation = request.cancellation] pooled in
            cancellation?.end()
            if isReusable { pooled.release() } else { pooled.discard() }
        }
        if isUpgraded { return ClientResponse(head.response, body, upgraded: pooled) }
        if body.isComplete {
            finish(pooled)
        } else {
            body.onCompletion = { [pooled] in finish(pooled) }
        }
        return ClientResponse(head.response, body, upgraded: nil)
    }
}
