import HTTPCore
import Testing

struct ResponseParsingTests {
    private func parse(
        _ text: String,
        to method: HTTPRequest.Method = .get
    ) throws(HTTPParseError) -> (head: ResponseHead, consumed: Int)? {
        var parser = ResponseHeadParser(to: method)
        return try parser.parse(Array(text.utf8).span)
    }

    @Test func `framing follows the status, the method and the fields`() throws {
        func framing(_ text: String, to method: HTTPRequest.Method = .get) throws -> BodyFraming {
            try #require(try parse(text, to: method)).head.body
        }
        #expect(try framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") == .length(5))
        #expect(try framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: .head) == .none)
        #expect(try framing("HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n") == .none)
        #expect(try framing("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n") == .none)
        #expect(try framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == .chunked)
        #expect(try framing("HTTP/1.1 200 OK\r\n\r\n") == .untilClose)
        #expect(try framing("HTTP/1.1 101 Switching Protocols\r\n\r\n") == .none)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 999 X\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\nX: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "\u{1}\r\n",
    ])
    func `responses two readers could understand differently are refused`(text: String) {
        #expect(throws: HTTPParseError.self) { try parse(text) }
    }

    @Test func `a body cut off is never whole`() throws {
        var chunked = BodyDecoder(.chunked)
        _ = try chunked.next(Array("5\r\nhel".utf8).span)
        #expect(throws: HTTPParseError.truncated) { try chunked.finish() }
        var sized = BodyDecoder(.length(2))
        let one: [UInt8] = [1]
        _ = try sized.next(one.span)
        #expect(throws: HTTPParseError.truncated) { try sized.finish() }
        var open = BodyDecoder(.untilClose)
        #expect(try open.next(one.span).data == 1)
        try open.finish()
        #expect(open.isComplete)
    }

    @Test func `what is serialized can be parsed`() throws {
        var bytes: [UInt8] = []
        let fields: HTTPFields = [.contentType: "text/plain", .eTag: "\"a\r\nX: b\""]
        HeadSerializer.append(HTTPResponse(status: .created, headerFields: fields), to: &bytes)
        var parser = ResponseHeadParser(to: .get)
        let head = try #require(try parser.parse(bytes.span)).head
        #expect(head.response.status == .created)
        #expect(head.response.headerFields[.eTag] == "\"a  X: b\"")

        bytes = []
        let request = HTTPRequest(method: .put, authority: "h:1", path: "/a b\r\nc", headerFields: [.accept: "*/*"])
        HeadSerializer.append(request, to: &bytes)
        var requests = RequestHeadParser()
        let parsed = try #require(try requests.parse(bytes.span)).head.request
        #expect(parsed.path == "/a%20b%0D%0Ac")
        #expect(parsed.authority == "h:1")
    }

    @Test func `chunks written are the chunks read`() throws {
        var bytes: [UInt8] = []
        HeadSerializer.appendChunk(Array("hello".utf8).span, to: &bytes)
        let nothing: [UInt8] = []
        HeadSerializer.appendChunk(nothing.span, to: &bytes)
        bytes += HeadSerializer.lastChunk
        #expect(String(decoding: bytes, as: UTF8.self) == "5\r\nhello\r\n0\r\n\r\n")
    }
}
