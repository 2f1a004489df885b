extension RequestCase {
    /// The syntax of fields.
    public static let fields: [RequestCase] = [
        .get("C028 space before colon", "X : v\r\n\r\n", 400),
        .get("C028 space before Content-Length's colon", "Content-Length : 5\r\n\r\n", 400),
        .get("C028 space before Transfer-Encoding's colon", "Transfer-Encoding : chunked\r\n\r\n", 400),
        .get("C029 tab in name", "Content\tLength: 9\r\n\r\n", 400),
        .get("C030 folding", "X: a\r\n b\r\n\r\n", 400),
        .get("C030 folded Transfer-Encoding", "Content-Length: 3\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", 400),
        .get("C030 folded Expect", "Expect:\r\n 100-continue\r\n\r\n", 400),
        RequestCase("C031 space before the first field", "GET /v1/bookings HTTP/1.1\r\n Host: h\r\n\r\n", 400),
        .get("C032 empty name", ": v\r\n\r\n", 400),
        .get("C033 no colon", "NoColonHere\r\n\r\n", 400),
        .get("C033 no colon, Content-Length", "Content-Length 10\r\n\r\n", 400),
        .get("C034 split name", "Transfer-\r\nEncoding: chunked\r\n\r\n", 400),
        .get("C035 bracket in name", "Bad[Name: v\r\n\r\n", 400),
        .get("C035 high byte in name", "\u{ef}foo: v\r\n\r\n", 400),
        .get("C035 high byte behind Content-Length", "Content-Length\u{85}: 10\r\n\r\n", 400),
        .get("C036 NUL in value", "X: v\0x\r\n\r\n", 400),
        .get("C037 bare CR in value", "X: a\rSmuggled: x\r\n\r\n", 400),
        .get("C038 CR ends an empty value", "x:\rTransfer-Encoding: chunked\r\n\r\n", 400),
        .get("C039 bare LF ends a field", "Dummy: x\nContent-Length: 23\r\n\r\n", 400),
        .get("C040 CR before a field", "\rZGET /evil: HTTP/1.1\r\n\r\n", 400),
        .get("C042 bell", "X: a\u{7}\r\n\r\n", 400),
        .get("C042 vertical tab", "X: a\u{b}\r\n\r\n", 400),
        .get("C043 underscores are another name", "Content_Length: 99\r\n\r\n", 200),
        .get("obs-text in a value", "X: \u{e9}\r\n\r\n", 200),
        .get("C046 two Content-Types", "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", 400),
        .get("C035 NUL in a name", "X\0: v\r\n\r\n", 400),
        .get("C040 CR, CR, CR is no end", "X: a\r\r\r\n\r\n", 400),
        .get("C040 LF, LF is no end", "X: a\n\n", 400),
        .get("C042 delete", "X: a\u{7f}\r\n\r\n", 400),
        .get("C043 an underscore frames nothing", "Transfer_Encoding: chunked\r\n\r\n", 200),
        .get("C046 two Authorizations", "Authorization: a\r\nAuthorization: b\r\n\r\n", 400),
        .get(
            "C095 Connection cannot name the frame away",
            "Connection: Content-Length\r\nContent-Length: 2\r\n\r\nab",
            200
        ),
        .get("C095 Connection cannot name the host away", "Connection: host\r\nConnection: X-A\r\nX-A: 1\r\n\r\n", 200),
        .get(
            "C096 fields of the connection",
            "Keep-Alive: 5\r\nProxy-Connection: x\r\nTE: gzip\r\nTrailer: X\r\n\r\n",
            200
        ),
        .get(
            "C096 HTTP/2 is not taken up",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            200
        ),
    ]
}
