import HTTPCore
import TestSupport
import Testing

/// The parsers that read what strangers send over HTTP.
struct HTTPFuzzTests {
    private static let words = [
        "\r\n", "\r\n\r\n", "Host: h\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n", " HTTP/1.1\r\n", "0\r\n\r\n", "5;a=\"b\"\r\n", "FFFFFFFFFFFFFFF", "http://h/",
        "[::1]:80",
        RequestCase.smuggled,
    ]

    private func same(_ bytes: [UInt8], _ cuts: [Int], _ side: MessageReader.Side) -> String? {
        var (whole, pieces) = (MessageReader(side), MessageReader(side))
        whole.receive(bytes.span)
        inPieces(bytes, cuts) { pieces.receive($0) }
        if let broken = whole.heard.first(where: { $0.hasPrefix("BROKEN") }) { return broken }
        return whole.result == pieces.result ? nil : "cut at \(cuts): \(pieces.result), whole: \(whole.result)"
    }

    @Test func `requests are read the same however they are cut, and never past their end`() {
        let fault = Fuzzer(RequestCase.all.map(\.bytes), words: Self.words).run("requests") { bytes, chance in
            same(bytes, chance.cuts(bytes.count), .requests)
        }
        #expect(fault == nil)
    }

    @Test func `responses are read the same however they are cut, and never past their end`() {
        let corpus = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nuntil the end",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        ]
        let fault = Fuzzer(corpus, words: Self.words + ["HTTP/1.1 200\r\n"]).run("responses") { bytes, chance in
            let methods: [HTTPRequest.Method] = [.get, .head, .connect]
            return same(bytes, chance.cuts(bytes.count), .responses(to: chance.pick(methods)))
        }
        #expect(fault == nil)
    }

    @Test func `chunks of any sizes make the body they were cut from`() {
        let corpus = ["", "a", String(repeating: "0123456789", count: 100)]
        let fault = Fuzzer(corpus, words: ["\r\n0\r\n\r\n", "5\r\n"]).run("chunks") { body, chance in
            var bytes: [UInt8] = []
            var start = 0
            while start < body.count {
                let count = 1 + chance.below(body.count - start)
                let size = String(count, radix: 16, uppercase: chance.below(2) == 0)
                let zeros = String(repeating: "0", count: chance.below(16 - size.count))
                let marks = chance.pick(["", ";a", ";a=b;c", ";a=\"\\\"\r\"".filter { $0 != "\r" }])
                bytes += Array("\(zeros)\(size)\(marks)\r\n".utf8) + body[start..<start + count] + [13, 10]
                start += count
            }
            bytes += Array(chance.pick(["0\r\n\r\n", "000;x\r\nA: b\r\n\r\n"]).utf8)
            let rest = Array("GET".utf8)
            var (decoder, buffer, data) = (BodyDecoder(.chunked), [UInt8](), [UInt8]())
            do {
                try inPieces(bytes + rest, chance.cuts(bytes.count + rest.count)) { piece throws(HTTPParseError) in
                    for index in piece.indices { buffer.append(piece[index]) }
                    while !decoder.isComplete {
                        let next = try decoder.next(buffer.span)
                        if next.consumed == 0 { break }
                        data += buffer[next.framing..<next.consumed]
                        buffer.removeFirst(next.consumed)
                    }
                }
            } catch {
                return "refused: \(error)"
            }
            return data == body && buffer == rest && decoder.isComplete ? nil : "\(data), then \(buffer)"
        }
        #expect(fault == nil)
    }

    @Test func `a path that is taken names the same place when it is written anew`() {
        let corpus = [
            "/", "/v1/bookings/a%20b?x=1&y=%C3%A9+z", "/a//b", "/a/../b", "/a/%2e%2e/b", "/a%2fb", "/%zz", "/é",
        ]
        let fault = Fuzzer(corpus, words: ["%2F", "%00", "%25", "..", "/./", "?", "&a=b", "%C3", "%5c", "+"]).run(
            "paths"
        ) {
            bytes,
            _ in
            let text = String(decoding: bytes, as: UTF8.self)
            if let query = QueryItems(text) {
                let again = QueryItems(QueryItems.encode(query.items.map { ($0.name, $0.value) }))
                // An empty name and value together leave nothing to write but `=`.
                guard again?.items == query.items else {
                    return "query \(query.items) became \(String(describing: again))"
                }
            }
            guard let path = RequestPath(text) else { return nil }
            for segment in path.segments {
                let isBad =
                    segment == "." || segment == ".." || segment.utf8.contains { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C }
                if isBad { return "segment \(segment)" }
            }
            let again = RequestPath("/" + path.segments.map { PercentEncoding.encode($0) }.joined(separator: "/"))
            return again?.segments == path.segments ? nil : "\(path.segments) became \(String(describing: again))"
        }
        #expect(fault == nil)
    }

    @Test func `values of fields are read without harm, and what is read is what is written`() {
        let corpus = [
            "\"a\", W/\"b\", *", "Sun, 06 Nov 1994 08:49:37 GMT", "bytes=0-4,-5, 10-", "close, keep-alive",
            "a;q=0.5, \"b,c\"",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ]
        let words = ["\"", "W/", "*", "bytes=", "-", ",", "9223372036854775807", "GMT", "31 Feb", "\\"]
        let fault = Fuzzer(corpus, words: words).run("fields") { bytes, chance in
            let text = String(decoding: bytes, as: UTF8.self)
            if let date = HTTPDate.parse(text), HTTPDate.parse(HTTPDate.format(date)) != date { return "date \(date)" }
            let fields: HTTPFields = [
                .ifMatch: text, .ifNoneMatch: text, .ifModifiedSince: text, .range: text, .connection: text,
            ]
            let request = HTTPRequest(method: chance.pick([.get, .put]), path: "/", headerFields: fields)
            _ = Precondition.evaluate(request, tag: EntityTag("a"), lastModified: nil)
            let length = Int64(chance.below(100))
            if case .part(let range) = RangeRequest(request, length: length, tag: nil) {
                guard range.lowerBound >= 0, range.upperBound <= length, !range.isEmpty else { return "range \(range)" }
            }
            for member in fields.listMembers(of: .connection) where member.utf8.allSatisfy({ $0 < 0x80 }) {
                guard fields.contains(.connection, listMember: member.lowercased()) else { return "member \(member)" }
            }
            return nil
        }
        #expect(fault == nil)
    }
}
