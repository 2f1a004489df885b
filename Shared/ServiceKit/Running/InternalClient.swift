import Contracts
import FoundationEssentials
public import HTTPCore
import HTTPTransport
public import Reactor

/// Calls another service of the stack: small JSON bodies, a deadline, a connection a call. The few internal calls there are
/// (log-ins, key sets) cost far more at the other end than a connection does. On an event loop.
public struct InternalClient: Sendable {
    /// Bytes of an answer that are read at most.
    public static let answerLimit = 256 << 10

    /// What the other service answered.
    public struct Answer: Sendable {
        /// The head.
        public var head: HTTPResponse
        /// The whole body.
        public var body: [UInt8]
    }

    /// Why there is no answer: no connection, no time, no HTTP.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// For the log.
        public let description: String
    }

    private let loops: EventLoopGroup
    private let resolver = Resolver.shared

    /// A client on the loops.
    public init(loops: EventLoopGroup) {
        self.loops = loops
    }

    /// Gets a document; any status but 200 is a failure.
    public func get(_ url: String, within time: Duration = .seconds(2)) async throws -> [UInt8] {
        let answer = try await send(.get, url, within: time)
        guard answer.head.status == .ok else { throw Failure(description: "\(url): \(answer.head.status)") }
        return answer.body
    }

    /// Posts JSON.
    public func post(
        _ url: String,
        json value: some Encodable,
        authorization: String? = nil,
        within time: Duration = .seconds(2)
    ) async throws -> Answer {
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[.authorization] = authorization
        return try await send(.post, url, fields, Array(JSONEncoder().encode(value)), within: time)
    }

    /// Sends a request and reads the whole answer.
    public func send(
        _ method: HTTPRequest.Method,
        _ url: String,
        _ fields: HTTPFields = [:],
        _ body: [UInt8] = [],
        within time: Duration
    ) async throws -> Answer {
        guard url.hasPrefix("http://") else { throw Failure(description: "\(url): not http") }
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let parts = authority.split(separator: ":")
        guard let host = parts.first, let port = UInt16(parts.count > 1 ? parts[1] : "80") else {
            throw Failure(description: "\(url): no host")
        }
        var request = HTTPRequest(
            method: method,
            authority: String(authority),
            path: path.isEmpty ? "/" : String(path),
            headerFields: fields
        )
        request.headerFields[.connection] = "close"
        if method != .get { request.headerFields[.contentLength] = String(body.count) }
        let loop = EventLoop.current ?? loops.next()
        let (head, hostName) = (request, String(host))
        return try await loop.run {
            try await Self.exchange(head, body, host: hostName, port: port, resolver, on: loop, until: .after(time))
        }
    }

    private static func exchange(
        _ request: HTTPRequest,
        _ body: [UInt8],
        host: String,
        port: UInt16,
        _ resolver: Resolver,
        on loop: EventLoop,
        until deadline: Deadline
    ) async throws -> Answer {
        let address = try await resolver.resolve(host: host, port: port)
        let connection = try await Connection.connect(to: address, on: loop, until: deadline)
        defer { connection.close() }
        var bytes: [UInt8] = []
        HeadSerializer.append(request, to: &bytes)
        try await connection.write(bytes + body, until: deadline)
        let head = try await readHead(connection, request.method, until: deadline)
        var decoder = BodyDecoder(head.body)
        var answer = Answer(head: head.response, body: [])
        while !decoder.isComplete {
            let bytes = connection.input.bytes
            let piece = try decoder.next(bytes.span.extracting(connection.input.readable))
            connection.input.consume(piece.framing)
            if piece.data > 0 { answer.body += connection.input.take(piece.data) }
            guard answer.body.count <= answerLimit else { throw Failure(description: "the answer is too long") }
            if decoder.isComplete { break }
            if piece.consumed == 0, try await !connection.fill(until: deadline) {
                try decoder.finish()
                break
            }
        }
        return answer
    }

    private static func readHead(
        _ connection: Connection,
        _ method: HTTPRequest.Method,
        until deadline: Deadline
    ) async throws -> ResponseHead {
        var parser = ResponseHeadParser(to: method)
        while true {
            let bytes = connection.input.bytes
            if let (head, consumed) = try parser.parse(bytes.span.extracting(connection.input.readable)) {
                connection.input.consume(consumed)
                if head.response.status.code >= 200 { return head }
                parser = ResponseHeadParser(to: method)
                continue
            }
            guard try await connection.fill(until: deadline) else { throw Failure(description: "no answer") }
        }
    }
}
