extension RequestCase {
    /// Transfer-Encoding.
    public static let codings: [RequestCase] = [
        .post("C058 Transfer-Encoding xchunked", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunkedchunked", "Transfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding pigeons", "Transfer-Encoding: pigeons\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding identity", "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding , chunked", "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunked,", "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding ", "Transfer-Encoding: \r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunked, chunked", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunked, gzip", "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunked, xchunked", "Transfer-Encoding: chunked, xchunked\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding chunked;a=1", "Transfer-Encoding: chunked;a=1\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding gzip", "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n", 400),
        .post("C058 Transfer-Encoding u{b}chunked", "Transfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n", 400),
        .post(
            "C060 two Transfer-Encodings",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        .post(
            "C060 chunked and identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            400
        ),
        .post("C062 gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        .post("C064 case of chunked", "TRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n", 200),
        RequestCase(
            "C065 chunked in 1.0",
            "POST /v1/bookings HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        .post(
            "C060 chunked in two cases",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
            400
        ),
        .post("C063 quoted chunked", "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400),
        .post("C064 chunked, then a space", "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n", 200),
    ]
}
