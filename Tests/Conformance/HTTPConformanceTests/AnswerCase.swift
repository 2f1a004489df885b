import Testing

/// What a service sends in answer to one request, and what the gateway makes of it.
struct AnswerCase: Sendable {
    let name: String
    /// The method of the request.
    var method = "GET"
    /// The request's fields and body behind Host.
    var request = "\r\n"
    /// The service's bytes; it then reads on until the gateway ends the connection.
    let answer: String
    /// Whether the service ends the connection behind them.
    var ends = false
    /// The final status for the client.
    let status: Int
    /// Whether the client can tell that the body is whole.
    var isWhole = true
    /// Whether another request may come on the service's connection.
    var isReusable = false

    static let all = lengths + bodiless + interim + cut + early

    static let lengths = [
        AnswerCase(
            name: "C097 lengths differ",
            answer: head("Content-Length: 1\r\nContent-Length: 2\r\n") + "x",
            status: 502
        ),
        AnswerCase(
            name: "C097 a length twice",
            answer: head("Content-Length: 1\r\nContent-Length: 1\r\n") + "x",
            status: 502
        ),
        AnswerCase(name: "C097 a list of lengths", answer: head("Content-Length: 1, 2\r\n") + "x", status: 502),
        AnswerCase(name: "C097 no number", answer: head("Content-Length: 5x\r\n") + "hello", status: 502),
        AnswerCase(name: "C097 a negative length", answer: head("Content-Length: -1\r\n"), status: 502),
        AnswerCase(
            name: "C097 length and chunked",
            answer: head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
            status: 502
        ),
        AnswerCase(name: "C098 unknown coding", answer: head("Transfer-Encoding: gzip\r\n"), status: 502),
        AnswerCase(name: "C098 chunked twice", answer: head("Transfer-Encoding: chunked, chunked\r\n"), status: 502),
        AnswerCase(name: "C098 folded field", answer: head("X: a\r\n b\r\nContent-Length: 0\r\n"), status: 502),
        AnswerCase(name: "C098 bare LF", answer: "HTTP/1.1 200 OK\nContent-Length: 0\n\n", status: 502),
        AnswerCase(name: "C098 another protocol", answer: "220 mail ready\r\n\r\n", status: 502),
        AnswerCase(name: "C098 NUL in a value", answer: head("X: a\0b\r\nContent-Length: 0\r\n"), status: 502),
        AnswerCase(name: "C098 no end of fields", answer: "HTTP/1.1 200 OK\r\nX: " + many(70_000, "x"), status: 502),
    ]

    /// Bytes behind such answers belong to nobody.
    static let bodiless = [
        AnswerCase(
            name: "C099 204 with a body",
            answer: head("Content-Length: 5\r\n", "204 No Content") + "hello",
            status: 204
        ),
        AnswerCase(
            name: "C099 304 with chunks",
            answer: head("Transfer-Encoding: chunked\r\n", "304 Not Modified") + "5\r\nhello\r\n0\r\n\r\n",
            status: 304
        ),
        AnswerCase(
            name: "C099 HEAD with a body",
            method: "HEAD",
            answer: head("Content-Length: 5\r\n") + "hello",
            status: 200
        ),
        AnswerCase(
            name: "C100 a second answer",
            answer: head("Content-Length: 2\r\n") + "ok" + head("Content-Length: 4\r\n") + "evil",
            status: 200
        ),
    ]

    static let interim = [
        AnswerCase(
            name: "C101 several interim answers",
            answer: "HTTP/1.1 100 Continue\r\n\r\n" + many(3, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
                + head("Content-Length: 2\r\n") + "ok",
            status: 200,
            isReusable: true
        ),
        AnswerCase(
            name: "C101 interim answers without an end",
            answer: many(500, "HTTP/1.1 103 Early Hints\r\n\r\n"),
            status: 502
        ),
        AnswerCase(
            name: "C101 101 nobody asked for",
            answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            status: 502
        ),
        AnswerCase(
            name: "C092 200 to an upgrade",
            request: "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
            answer: head("Content-Length: 2\r\n") + "no",
            status: 200,
            isReusable: true
        ),
    ]

    static let cut = [
        AnswerCase(
            name: "C102 less than its length",
            answer: head("Content-Length: 10\r\n") + "abc",
            ends: true,
            status: 200,
            isWhole: false
        ),
        AnswerCase(
            name: "C102 no last chunk",
            answer: head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n",
            ends: true,
            status: 200,
            isWhole: false
        ),
        AnswerCase(
            name: "C102 a bad chunk in the middle",
            answer: head("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\nzz\r\n",
            status: 200,
            isWhole: false
        ),
        AnswerCase(name: "C102 half a head", answer: "HTTP/1.1 200 OK\r\nContent-Le", ends: true, status: 502),
        AnswerCase(name: "C102 nothing at all", answer: "", ends: true, status: 502),
    ]

    static let early = [
        AnswerCase(
            name: "C088 an answer before the body",
            method: "POST",
            request: "Content-Length: 1000000\r\n\r\n" + many(100_000, "x"),
            answer: head("Content-Length: 2\r\n", "413 Content Too Large") + "no",
            status: 413
        ),
        AnswerCase(
            name: "C091 a refusal in place of 100",
            method: "POST",
            request: "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n",
            answer: head("Content-Length: 2\r\n", "403 Forbidden") + "no",
            status: 403
        ),
    ]

    private static func head(_ fields: String, _ status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)\r\n"
    }

    private static func many(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }
}
