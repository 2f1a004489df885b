import Contracts
import FoundationEssentials
public import HTTPCore
import HTTPTransport
public import Reactor

/// Calls another service of the stack: small JSON bodies, whole answers, a deadline. Any task.
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
    private let client = HTTPClient()

    /// A client on the loops; it keeps connections, so make one and keep it.
    public init(loops: EventLoopGroup) {
        self.loops = loops
    }

    /// Gets a document; any status but 200 is a failure.
    public func get(_ url: String, within time: Duration = .seconds(2)) async throws -> [UInt8] {
        let answer = try await send(.get, url, within: time)
        guard answer.head.status == .ok else { throw Failure(description: "\(url): \(answer.head.status)") }
        return answer.body
    }

    /// Posts JSON. The receiver must bear the same request twice: it is sent again when a kept connection turns out dead.
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

    /// Sends a request and reads the whole answer; see `post` for repeats.
    public func send(
        _ method: HTTPRequest.Method,
        _ url: String,
        _ fields: HTTPFields = [:],
        _ body: [UInt8] = [],
        within time: Duration
    ) async throws -> Answer {
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        guard url.hasPrefix("http://"), let origin = Origin("http://\(authority)") else {
            throw Failure(description: "\(url): not an http address")
        }
        let path = String(url.dropFirst("http://".count + authority.count))
        let head = HTTPRequest(method: method, path: path.isEmpty ? "/" : path, headerFields: fields)
        let deadline = Deadline.after(time)
        let loop = EventLoop.current ?? loops.next()
        return try await loop.run { [client] in
            do {
                return try await Self.exchange(client, head, body, origin, within: time, until: deadline)
            } catch HTTPClientError.connectionLost {
                return try await Self.exchange(client, head, body, origin, within: time, until: deadline)
            }
        }
    }

    private static func exchange(
        _ client: HTTPClient,
        _ head: HTTPRequest,
        _ body: [UInt8],
        _ origin: Origin,
        within time: Duration,
        until deadline: Deadline
    ) async throws -> Answer {
        var request = ClientRequest(head, body: body.isEmpty ? .none : .bytes(body))
        request.readTimeout = time
        let response = try await client.send(request, to: origin, until: deadline)
        return Answer(head: response.head, body: try await response.body.collect(upTo: answerLimit))
    }
}
