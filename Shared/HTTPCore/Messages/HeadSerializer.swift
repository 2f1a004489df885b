import System

/// Writes message heads and chunk framing (RFC 9112). Fields are written as they are: framing fields are the caller's.
public enum HeadSerializer {
    /// Appends the head of a response in HTTP/1.1.
    public static func append(_ response: HTTPResponse, to output: inout [UInt8]) {
        appendOpen(response, to: &output)
        output += chunkEnd
    }

    /// Appends the head of a response in HTTP/1.1 without the empty line that ends it, and without the fields that the caller
    /// writes itself.
    public static func appendOpen(
        _ response: HTTPResponse,
        except names: HTTPField.Name.Set = [],
        to output: inout [UInt8]
    ) {
        output += startOfResponse
        output.append(decimal: Int64(response.status.code))
        output.append(.space)
        output.append(contentsOf: response.status.reasonPhrase.utf8)
        output += chunkEnd
        response.headerFields.serialize(into: &output, except: names)
    }

    /// Appends the head of a request in origin form; Host is written from `authority` unless the fields hold one.
    public static func append(_ request: HTTPRequest, to output: inout [UInt8]) {
        appendOpen(request, to: &output)
        output += chunkEnd
    }

    /// Appends the head of a request like `append`, without the empty line that ends it, and without the fields that the
    /// caller writes itself.
    public static func appendOpen(
        _ request: HTTPRequest,
        except names: HTTPField.Name.Set = [],
        to output: inout [UInt8]
    ) {
        output.append(contentsOf: request.method.rawValue.utf8)
        output.append(.space)
        appendTarget(request.path, to: &output)
        output += endOfRequestLine
        if let authority = request.authority, !request.headerFields.contains(.host) {
            appendHost(authority, to: &output)
        }
        request.headerFields.serialize(into: &output, except: names)
    }

    /// Appends `size CRLF`, to be followed by `count` bytes of data (at least one) and `chunkEnd`.
    public static func appendChunkStart(_ count: Int, to output: inout [UInt8]) {
        output.append(contentsOf: String(count, radix: 16).utf8)
        output += chunkEnd
    }

    /// Appends one whole chunk; nothing when it is empty, since an empty chunk would end the body.
    public static func appendChunk(_ data: Span<UInt8>, to output: inout [UInt8]) {
        guard !data.isEmpty else { return }
        appendChunkStart(data.count, to: &output)
        output.append(data)
        output += chunkEnd
    }

    private static func needsEscapes(_ path: Span<UInt8>) -> Bool {
        for index in path.indices where !ByteClass.isTarget(path[index]) { return true }
        return false
    }

    private static func appendHost(_ authority: String, to output: inout [UInt8]) {
        output += startOfHost
        let start = output.count
        output.append(contentsOf: authority.utf8)
        var written = output.mutableSpan
        for index in start..<written.count where !ByteClass.isFieldValue(written[index]) { written[index] = .space }
        output += chunkEnd
    }

    private static let startOfHost: [UInt8] = Array("Host: ".utf8)
    private static let startOfResponse: [UInt8] = Array("HTTP/1.1 ".utf8)
    private static let endOfRequestLine: [UInt8] = Array(" HTTP/1.1\r\n".utf8)
    /// What follows the data of a chunk, and ends every line of a head.
    public static let chunkEnd: [UInt8] = [.carriageReturn, .lineFeed]
    /// What ends a chunked body.
    public static let lastChunk: [UInt8] = Array("0\r\n\r\n".utf8)
    /// The interim response a waiting client gets before its body is read.
    public static let continueResponse: [UInt8] = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// What a target must not hold is percent-encoded, so no path can end the line.
    private static func appendTarget(_ path: String, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: path.utf8)
        guard needsEscapes(output.span.extracting(start...)) else { return }
        output.removeSubrange(start...)
        for byte in path.utf8 {
            if ByteClass.isTarget(byte) {
                output.append(byte)
            } else {
                PercentEncoding.append(byte, to: &output)
            }
        }
    }
}
