/// How the length of a message body is known (RFC 9112 section 6.3).
public enum BodyFraming: Sendable, Hashable {
    /// There is no body.
    case none
    /// Content-Length bytes.
    case length(UInt64)
    /// Chunked transfer coding.
    case chunked
    /// Everything until the connection closes; responses only.
    case untilClose

    /// A request's framing. Whatever two implementations might read in two ways is refused, never repaired.
    static func ofRequest(_ fields: HTTPFields, version: HTTPVersion) throws(HTTPParseError) -> BodyFraming {
        if fields.contains(.transferEncoding) {
            guard version == .http11, !fields.contains(.contentLength) else { throw .invalidTransferEncoding }
            try checkTransferEncoding(fields)
            return .chunked
        }
        guard let length = try contentLength(fields) else { return .none }
        return length == 0 ? .none : .length(length)
    }

    /// A response's framing; `method` is the request's.
    static func ofResponse(
        _ response: HTTPResponse,
        version: HTTPVersion,
        to method: HTTPRequest.Method
    ) throws(HTTPParseError) -> BodyFraming {
        if method == .head || response.status.forbidsBody { return .none }
        let fields = response.headerFields
        if fields.contains(.transferEncoding) {
            guard version == .http11, !fields.contains(.contentLength) else { throw .invalidTransferEncoding }
            try checkTransferEncoding(fields)
            return .chunked
        }
        guard let length = try contentLength(fields) else { return .untilClose }
        return length == 0 ? .none : .length(length)
    }

    private static func contentLength(_ fields: HTTPFields) throws(HTTPParseError) -> UInt64? {
        guard let index = fields.firstIndex(of: .contentLength) else { return nil }
        guard fields.count(of: .contentLength) == 1 else { throw .invalidContentLength }
        let digits = fields.bytes.span.extracting(fields.entries[index].valueRange)
        guard !digits.isEmpty else { throw .invalidContentLength }
        var length: UInt64 = 0
        for position in digits.indices {
            guard ByteClass.isDigit(digits[position]) else { throw .invalidContentLength }
            let (shifted, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(digits[position] - 0x30))
            guard !overflow, !carry else { throw .invalidContentLength }
            length = sum
        }
        return length
    }

    /// One line, one member, `chunked`. Known codings before a final chunked are 501, the rest is malformed.
    private static func checkTransferEncoding(_ fields: HTTPFields) throws(HTTPParseError) {
        guard fields.count(of: .transferEncoding) == 1, let value = fields[.transferEncoding] else {
            throw .invalidTransferEncoding
        }
        let members = value.split(separator: ",", omittingEmptySubsequences: false).map { member in
            String(member.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }).lowercased()
        }
        if value.lowercased() == "chunked" { return }
        let codings: Set<String> = ["gzip", "x-gzip", "deflate", "compress", "x-compress"]
        guard members.count > 1, members.last == "chunked", members.dropLast().allSatisfy(codings.contains) else {
            throw .invalidTransferEncoding
        }
        throw .unsupportedTransferEncoding
    }
}
