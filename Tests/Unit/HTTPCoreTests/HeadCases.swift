import Testing

/// Bytes of a connection and the statuses a server answers with: 200 for each whole request, an error once. A character
/// below U+0100 stands for one byte. Numbers name the cases of the request-smuggling and conformance suites they follow.
struct RequestCase: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let statuses: [Int]

    init(_ name: String, _ text: String, _ statuses: [Int]) {
        self.name = name
        self.text = text
        self.statuses = statuses
    }

    var testDescription: String { name }
    var bytes: [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}

/// Start lines, Host and fields.
let headCases: [RequestCase] = [
    RequestCase("C001 leading empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("C001 three leading empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C002 bare LF in request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", [400]),
    RequestCase("C003 bare CR in request line", "GET / HTTP/1.1\rHost: h\r\n\r\n", [400]),
    RequestCase("C004 double space", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C004 tab", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C005 space in target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C006 no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C006 HTTP/0.9", "GET /\r\n", [400]),
    RequestCase("C008 fragment", "GET /p#f HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C009 NUL in target", "GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C009 non-ASCII target", "GET /\u{e9} HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C010 encoded CRLF stays in the path", "GET /x%0d%0aX-I:%20t HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("C011 GET asterisk", "GET * HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C011 OPTIONS asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("C011 OPTIONS asterisk path", "OPTIONS */x HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C012 relative target", "GET admin HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C012 authority target", "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C013 absolute form", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("C013 absolute form without path", "GET http://h?x=1 HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("C014 absolute form against Host", "GET http://o/ HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C015 CONNECT path", "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C015 CONNECT absolute", "CONNECT http://h:80 HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C015 CONNECT with body", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nContent-Length: 1\r\n\r\nx", [400]),
    RequestCase("C016 version HTTP/1", "GET / HTTP/1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C016 version HTTP/01.1", "GET / HTTP/01.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C016 version HTTP/ 1.1", "GET / HTTP/ 1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C016 version http/1.1", "GET / http/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C016 version HTTP/1.32", "GET / HTTP/1.32\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C016 version HTTP//r/r1.1", "GET / HTTP/\r\r1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C017 version overflow", "GET / HTTP/4294967295.255\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C017 version 9.9", "GET / HTTP/9.9\r\nHost: h\r\n\r\n", [505]),
    RequestCase("C018 HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    RequestCase("C020 prefix junk", "Extra lineGET / HTTP/1.1\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C020 TLS client hello", "\u{16}\u{3}\u{1}\u{2}\0", [400]),
    RequestCase("C022 no Host", "GET / HTTP/1.1\r\n\r\n", [400]),
    RequestCase("C022 no Host in 1.0", "GET / HTTP/1.0\r\n\r\n", [200]),
    RequestCase("C023 empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", [400]),
    RequestCase("C024 two equal Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", [400]),
    RequestCase("C024 two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", [400]),
    RequestCase("C025/C027 Host u@h", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", [400]),
    RequestCase("C025/C027 Host h/p", "GET / HTTP/1.1\r\nHost: h/p\r\n\r\n", [400]),
    RequestCase("C025/C027 Host h, o", "GET / HTTP/1.1\r\nHost: h, o\r\n\r\n", [400]),
    RequestCase("C025/C027 Host h:99999", "GET / HTTP/1.1\r\nHost: h:99999\r\n\r\n", [400]),
    RequestCase("C025/C027 Host h:8a", "GET / HTTP/1.1\r\nHost: h:8a\r\n\r\n", [400]),
    RequestCase("C025/C027 Host [::1", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", [400]),
    RequestCase("C025/C027 Host []", "GET / HTTP/1.1\r\nHost: []\r\n\r\n", [400]),
    RequestCase("C025/C027 Host [zz::1]", "GET / HTTP/1.1\r\nHost: [zz::1]\r\n\r\n", [400]),
    RequestCase("Host [::1]:8080", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", [200]),
    RequestCase("Host h:", "GET / HTTP/1.1\r\nHost: h:\r\n\r\n", [200]),
    RequestCase("Host 127.0.0.1:80", "GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n", [200]),
    RequestCase("Host a_b.c", "GET / HTTP/1.1\r\nHost: a_b.c\r\n\r\n", [200]),
    RequestCase("C028 space before colon", "GET / HTTP/1.1\r\nHost: h\r\nX : v\r\n\r\n", [400]),
    RequestCase(
        "C028 space before Content-Length's colon",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C028 space before Transfer-Encoding's colon",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n",
        [400]
    ),
    RequestCase("C029 tab in name", "GET / HTTP/1.1\r\nHost: h\r\nContent\tLength: 9\r\n\r\n", [400]),
    RequestCase("C030 folding", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", [400]),
    RequestCase(
        "C030 folded Transfer-Encoding",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
        [400]
    ),
    RequestCase("C030 folded Expect", "GET / HTTP/1.1\r\nHost: h\r\nExpect:\r\n 100-continue\r\n\r\n", [400]),
    RequestCase("C031 space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", [400]),
    RequestCase("C032 empty name", "GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n", [400]),
    RequestCase("C033 no colon", "GET / HTTP/1.1\r\nHost: h\r\nNoColonHere\r\n\r\n", [400]),
    RequestCase("C033 no colon, Content-Length", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length 10\r\n\r\n", [400]),
    RequestCase("C034 split name", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-\r\nEncoding: chunked\r\n\r\n", [400]),
    RequestCase("C035 bracket in name", "GET / HTTP/1.1\r\nHost: h\r\nBad[Name: v\r\n\r\n", [400]),
    RequestCase("C035 high byte in name", "GET / HTTP/1.1\r\nHost: h\r\n\u{ef}foo: v\r\n\r\n", [400]),
    RequestCase(
        "C035 high byte behind Content-Length",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length\u{85}: 10\r\n\r\n",
        [400]
    ),
    RequestCase("C036 NUL in value", "GET / HTTP/1.1\r\nHost: h\r\nX: v\0x\r\n\r\n", [400]),
    RequestCase("C037 bare CR in value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rSmuggled: x\r\n\r\n", [400]),
    RequestCase(
        "C038 CR ends an empty value",
        "GET / HTTP/1.1\r\nHost: h\r\nx:\rTransfer-Encoding: chunked\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C039 bare LF ends a field",
        "GET / HTTP/1.1\r\nHost: h\r\nDummy: x\nContent-Length: 23\r\n\r\n",
        [400]
    ),
    RequestCase("C040 CR before a field", "GET / HTTP/1.1\r\nHost: h\r\n\rZGET /evil: HTTP/1.1\r\n\r\n", [400]),
    RequestCase("C042 bell", "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{7}\r\n\r\n", [400]),
    RequestCase("C042 vertical tab", "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{b}\r\n\r\n", [400]),
    RequestCase("C043 underscores are another name", "GET / HTTP/1.1\r\nHost: h\r\nContent_Length: 99\r\n\r\n", [200]),
    RequestCase("obs-text in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: \u{e9}\r\n\r\n", [200]),
    RequestCase(
        "C046 two Content-Types",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
        [400]
    ),
]
