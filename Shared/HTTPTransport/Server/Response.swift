public import HTTPCore
public import Reactor

/// What a handler answers. Content-Length, Transfer-Encoding, Connection and Date are the server's to write.
public struct Response {
    /// Where the bytes after the head come from. The closures run on the request's loop, in its task.
    public enum Body {
        /// None. For HEAD, a Content-Length among the fields is kept.
        case none
        /// All of it.
        case bytes([UInt8])
        /// Written as it is made: `length` bytes exactly, or chunked when nil. Each write is sent at once. A closure
        /// that throws ends the connection, so the client sees that the body is not whole.
        case stream(length: UInt64?, (BodyWriter) async throws -> Void)
        /// With status 101 only: after the head the connection speaks another protocol until the closure returns, and is
        /// closed. Bytes the client sent early are in its `input`.
        case upgrade((Connection) async throws -> Void)
    }

    /// The status.
    public var status: HTTPResponse.Status
    /// The fields.
    public var headerFields: HTTPFields
    /// The body.
    public var body: Body

    /// A response; without a body unless one is given.
    public init(_ status: HTTPResponse.Status, _ headerFields: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// A response of text in UTF-8.
    public static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(status, [.contentType: "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }
}

/// An error that knows the response it becomes.
public protocol ResponseConvertible: Error {
    /// The response.
    var response: Response { get }
}
