extension RequestCase {
    /// What follows on the same connection, and expectations.
    public static let connections: [RequestCase] = [
        RequestCase(
            "C081 pipelined",
            "\(next("/v1/bookings/1"))POST /v1/bookings/2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx\(next("/v1/bookings/3"))",
            200,
            200,
            200
        ),
        .get(
            "C083 nothing behind close",
            "Connection: close\r\n\r\nGET /v1/bookings/2 HTTP/1.1\r\nHost: h\r\n\r\n",
            200
        ),
        .get("C083 garbage behind a request", "\r\n\u{1}garbage\r\n\r\n", 200, 400),
        .get(
            "C084 GET with a body",
            "Content-Length: 5\r\n\r\nhelloGET /v1/bookings/2 HTTP/1.1\r\nHost: h\r\n\r\n",
            200,
            200
        ),
        .post("C089 Expect", "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\nx", 200),
        .post("C090 unknown expectation", "Content-Length: 1\r\nExpect: 200-ok\r\n\r\nx", 417),
        .post("C090 two expectations", "Content-Length: 1\r\nExpect: y 100-continue\r\n\r\nx", 417),
        .get("C081 GET, GET", "\r\n\(next("/v1/bookings/2"))", 200, 200),
        .get("C083 close in another case", "Connection: x, CLOSE\r\n\r\n\(smuggled)Connection: close", 200),
        RequestCase(
            "C084 DELETE with a body",
            "DELETE /v1/bookings HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
            200
        ),
        RequestCase(
            "C084 HEAD with a body",
            "HEAD /v1/bookings HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
            200
        ),
        RequestCase("C090 no 100 in HTTP/1.0", "GET /v1/bookings HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", 200),
        .get("C090 no 100 without a body", "Expect: 100-continue\r\n\r\n", 200),
        .get("C094 upgrade without Connection", "Upgrade: websocket\r\n\r\n", 200),
        .get("C094 unknown protocol", "Connection: upgrade\r\nUpgrade: foo\r\n\r\n\(next("/v1/bookings/2"))", 200, 200),
    ]
}
