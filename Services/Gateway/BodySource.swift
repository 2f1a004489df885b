import HTTPCore
import HTTPTransport

/// The body of a request on its way to a service, in the framing that is used there.
final class BodySource {
    private let body: IncomingBody
    private var isEnded = false

    init(_ body: IncomingBody) {
        self.body = body
    }

    /// True when there is nothing to send.
    var isEmpty: Bool { body.length == 0 }

    /// Sets the field that announces the framing.
    func announce(in fields: inout HTTPFields, method: HTTPRequest.Method) {
        fields[.contentLength] = nil
        if let length = body.length {
            let expectsBody = method == .post || method == .put || method == .patch
            if length > 0 || expectsBody { fields[.contentLength] = "\(length)" }
        } else {
            fields[.transferEncoding] = "chunked"
        }
    }

    /// The next bytes to write; nil at the end.
    func next() async throws -> [UInt8]? {
        guard !isEnded else { return nil }
        guard let bytes = try await body.next() else {
            isEnded = true
            return body.length == nil ? HeadSerializer.lastChunk : nil
        }
        guard body.length == nil else { return bytes }
        var chunk: [UInt8] = []
        chunk.reserveCapacity(bytes.count + 16)
        HeadSerializer.appendChunk(bytes.span, to: &chunk)
        return chunk
    }
}
