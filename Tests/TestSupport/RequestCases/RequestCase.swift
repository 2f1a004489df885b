/// Bytes of a connection and the statuses a server answers with: 200 for each whole request, an error once. Numbers name the
/// cases of the request-smuggling and conformance suites they follow.
public struct RequestCase: Sendable, CustomStringConvertible {
    /// The path every case asks for, or one below it: the gateway leads it to a service.
    public static let path = "/v1/bookings"
    /// A request that must not be answered when it stands inside another one.
    public static let smuggled = next("/v1/bookings/smuggled")
    /// The last request of a connection: it is answered only when the server knows where the one before it ended.
    public static let last = next("/v1/bookings/last", "Connection: close\r\n")

    /// What it is about, with its number.
    public let name: String
    /// A character below U+0100 stands for one byte.
    public let text: String
    /// The final statuses, in order.
    public let statuses: [Int]

    /// A case from its whole text.
    public init(_ name: String, _ text: String, _ statuses: Int...) {
        self.name = name
        self.text = text
        self.statuses = statuses
    }

    private init(_ name: String, _ parts: [String], _ statuses: [Int]) {
        self.name = name
        self.text = parts.joined()
        self.statuses = statuses
    }

    /// The rest of a GET behind its Host.
    public static func get(_ name: String, _ rest: String, _ statuses: Int...) -> RequestCase {
        RequestCase(name, ["GET \(path) HTTP/1.1\r\nHost: h\r\n", rest], statuses)
    }

    /// The rest of a POST behind its Host.
    public static func post(_ name: String, _ rest: String, _ statuses: Int...) -> RequestCase {
        RequestCase(name, ["POST \(path) HTTP/1.1\r\nHost: h\r\n", rest], statuses)
    }

    /// The body of a POST in chunks.
    public static func chunked(_ name: String, _ body: String, _ statuses: Int...) -> RequestCase {
        let head = "POST \(path) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        return RequestCase(name, [head, body], statuses)
    }

    /// A whole GET, to follow another request.
    public static func next(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n"
    }

    /// Cases small enough to be split at every offset.
    public static var all: [RequestCase] {
        startLines + hosts + fields + lengths + codings + chunks + connections
    }

    /// The bytes to send.
    public var bytes: [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    /// The name.
    public var description: String { name }

    /// Whether the server waits for more afterwards, because nothing of the case was whole.
    public var isIncomplete: Bool { statuses.isEmpty }

    /// Whether another request may follow on the connection.
    public var keepsAlive: Bool {
        statuses.last == 200 && !text.contains("Connection: close") && !text.contains("HTTP/1.0")
    }
}
