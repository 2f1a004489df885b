import HTTPCore
import TestSupport
import Testing

struct RequestParsingTests {
    /// What a handler decides is no matter of the parser.
    private static let cases = RequestCase.all.filter { $0.statuses != [405] && $0.statuses != [413] }

    @Test(arguments: cases)
    func `a request is answered or refused the same however its bytes arrive`(sample: RequestCase) {
        let bytes = sample.bytes
        let whole = read(bytes)
        #expect(whole.statuses == sample.statuses, "\(whole)")
        #expect(read(bytes, splitAt: Array(bytes.indices)).statuses == sample.statuses)
        for cut in bytes.indices.dropFirst() {
            #expect(read(bytes, splitAt: [cut]).statuses == sample.statuses, "split at \(cut)")
        }
    }

    @Test func `every prefix of a request is met with silence`() {
        let bytes = Array("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc".utf8)
        for count in bytes.indices { #expect(read(Array(bytes[..<count])) == Outcome()) }
    }

    @Test func `heads beyond the limits are refused before they end`() {
        func statuses(_ text: String) -> [Int] { read(Array(text.utf8)).statuses }
        let long = String(repeating: "a", count: 100_000)
        #expect(statuses("GET /\(long)") == [414])
        #expect(statuses("GET /\(long.prefix(8000)) HTTP/1.1\r\nHost: h\r\n\r\n") == [200])
        #expect(statuses("GET / HTTP/1.1\r\nHost: h\r\nX: \(long)") == [431])
        #expect(statuses("GET / HTTP/1.1\r\nHost: h\r\n\(long)") == [431])
        #expect(statuses("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 101)) == [431])
        #expect(statuses("GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 99) + "\r\n") == [200])
    }

    @Test func `chunk extensions are limited over the whole body`() {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = "1;" + String(repeating: "e", count: 1000) + "\r\nx\r\n"
        #expect(read(Array((head + String(repeating: chunk, count: 17)).utf8)).statuses == [413])
        #expect(read(Array((head + "0\r\nX: " + String(repeating: "v", count: 17_000)).utf8)).statuses == [431])
    }

    @Test func `the parsed head tells what was sent`() throws {
        var parser = RequestHeadParser()
        let text = "GET http://H:80/a?b=c HTTP/1.1\r\nHost: h\r\nX-A: 1 \r\nx-a:2\r\nConnection: Upgrade\r\n"
        let bytes = Array((text + "Upgrade: websocket\r\n\r\nrest").utf8)
        let (head, consumed) = try #require(try parser.parse(bytes.span))
        #expect(consumed == bytes.count - 4)
        #expect(head.request.method == .get)
        #expect(head.request.path == "/a?b=c")
        #expect(head.request.authority == "h")
        #expect(head.request.headerFields[values: try #require(HTTPField.Name("X-a"))] == ["1", "2"])
        #expect(head.keepsAlive && head.wantsUpgrade && head.body == .none)
    }

    @Test func `an unbounded length is left to the body limit`() throws {
        var parser = RequestHeadParser()
        let bytes = Array("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775808\r\n\r\n".utf8)
        let head = try #require(try parser.parse(bytes.span)).head
        #expect(head.body == .length(1 << 63))
    }

    @Test func `connections persist as the version and Connection say`() throws {
        func keeps(_ version: String, _ connection: String) throws -> Bool {
            var parser = RequestHeadParser()
            let bytes = Array("GET / \(version)\r\nHost: h\r\n\(connection)\r\n".utf8)
            return try #require(try parser.parse(bytes.span)).head.keepsAlive
        }
        #expect(try keeps("HTTP/1.1", ""))
        #expect(try !keeps("HTTP/1.1", "Connection: x\r\nConnection: y, Close\r\n"))
        #expect(try !keeps("HTTP/1.0", ""))
        #expect(try keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"))
    }
}
