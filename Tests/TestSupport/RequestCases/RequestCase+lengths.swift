extension RequestCase {
    /// Content-Length, alone and beside Transfer-Encoding.
    public static let lengths: [RequestCase] = [
        .post(
            "C047 Content-Length then chunked",
            "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
            400
        ),
        .post(
            "C048 chunked then Content-Length",
            "Transfer-Encoding: chunked\r\nContent-Length: 30\r\n\r\n0\r\n\r\n\(smuggled)",
            400
        ),
        .post("C050 different lengths", "Content-Length: 1\r\nContent-Length: 0\r\n\r\nx", 400),
        .post("C050 equal lengths", "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        .post("C051 Content-Length 5, 10", "Content-Length: 5, 10\r\n\r\nhello", 400),
        .post("C051 Content-Length 5, 5", "Content-Length: 5, 5\r\n\r\nhello", 400),
        .post("C051 Content-Length +5", "Content-Length: +5\r\n\r\nhello", 400),
        .post("C051 Content-Length -1", "Content-Length: -1\r\n\r\nhello", 400),
        .post("C051 Content-Length -0", "Content-Length: -0\r\n\r\nhello", 400),
        .post("C051 Content-Length 0x5", "Content-Length: 0x5\r\n\r\nhello", 400),
        .post("C051 Content-Length 0o5", "Content-Length: 0o5\r\n\r\nhello", 400),
        .post("C051 Content-Length 1_0", "Content-Length: 1_0\r\n\r\nhello", 400),
        .post("C051 Content-Length 5x", "Content-Length: 5x\r\n\r\nhello", 400),
        .post("C051 Content-Length 1 0", "Content-Length: 1 0\r\n\r\nhello", 400),
        .post("C051 Content-Length 18446744073709551616", "Content-Length: 18446744073709551616\r\n\r\nhello", 400),
        .post(
            "C051 Content-Length 10000000000000000000000000",
            "Content-Length: 10000000000000000000000000\r\n\r\nhello",
            400
        ),
        .post("C053 empty Content-Length", "Content-Length:\r\n\r\n", 400),
        .post("C055 leading zero is decimal", "Content-Length: 010\r\n\r\n0123456789", 200),
        .post("C057 space around the length", "Content-Length: \t5 \r\n\r\nhello", 200),
        .post(
            "C049 chunked before Content-Length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            400
        ),
        .post(
            "C049 Content-Length before chunked",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        .post("C050 0, then 31", "Content-Length: 0\r\nContent-Length: 31\r\n\r\n\(smuggled)", 400),
        .post("C053 -48", "Content-Length: -48\r\n\r\n", 400),
        .post("C056 2⁶³", "Content-Length: 9223372036854775808\r\n\r\n", 413),
        .post("C056 27 digits below 0", "Content-Length: -100000000000000000000000000\r\n\r\n", 400),
    ]
}
