/// Framing, chunks, pipelining and expectations.
let bodyCases: [RequestCase] = [
    RequestCase(
        "C047 Content-Length then chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
        [400]
    ),
    RequestCase(
        "C048 chunked then Content-Length",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 30\r\n\r\n0\r\n\r\nGET /s HTTP/1.1\r\nHost: h\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C050 different lengths",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 0\r\n\r\nx",
        [400]
    ),
    RequestCase(
        "C050 equal lengths",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 5, 10",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 10\r\n\r\nhello",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 5, 5",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello",
        [400]
    ),
    RequestCase("C051-C056 Content-Length +5", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello", [400]),
    RequestCase("C051-C056 Content-Length -1", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nhello", [400]),
    RequestCase("C051-C056 Content-Length -0", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -0\r\n\r\nhello", [400]),
    RequestCase(
        "C051-C056 Content-Length 0x5",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\nhello",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 0o5",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0o5\r\n\r\nhello",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 1_0",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1_0\r\n\r\nhello",
        [400]
    ),
    RequestCase("C051-C056 Content-Length 5x", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5x\r\n\r\nhello", [400]),
    RequestCase(
        "C051-C056 Content-Length 1 0",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1 0\r\n\r\nhello",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 18446744073709551616",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\nhello",
        [400]
    ),
    RequestCase(
        "C051-C056 Content-Length 10000000000000000000000000",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000000000000000000000\r\n\r\nhello",
        [400]
    ),
    RequestCase("C053 empty Content-Length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", [400]),
    RequestCase(
        "C055 leading zero is decimal",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 010\r\n\r\n0123456789",
        [200]
    ),
    RequestCase(
        "C057 space around the length",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \t5 \r\n\r\nhello",
        [200]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding xchunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunkedchunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding pigeons",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: pigeons\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding identity",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding , chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunked,",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding ",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunked, chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunked, gzip",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunked, xchunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, xchunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding chunked;a=1",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;a=1\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding gzip",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C058-C064 Transfer-Encoding u{b}chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C060 two Transfer-Encodings",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C060 chunked and identity",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C062 gzip, chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        [501]
    ),
    RequestCase(
        "C064 case of chunked",
        "POST / HTTP/1.1\r\nHost: h\r\nTRANSFER-ENCODING: Chunked\r\n\r\n0\r\n\r\n",
        [200]
    ),
    RequestCase(
        "C065 chunked in 1.0",
        "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 0x5",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size +5",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size -1",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 1_0",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1_0\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 0_2e",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0_2e\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size  5",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5 ",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size ",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size FFFFFFFFFFFFFFFF0",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF0\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 7fffffffffffffff",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;bad[=x",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;bad[=x\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;0e",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;\0e\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;arX",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a\rX\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;a=",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C066-C073 chunk size 5;=v",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;=v\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C069 LF after the size",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C069 LF after the data",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C069 LF at the end",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\n",
        [400]
    ),
    RequestCase(
        "C070 LF in an extension",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C072 open quote",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;e=\"v\r\nX\r\n0\r\n\r\nGET /s HTTP/1.1\r\nHost: h\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C075 data longer than its size",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C076 nothing is answered behind a bad chunk",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nGET /s HTTP/1.1\r\nHost: h\r\n\r\n",
        [400]
    ),
    RequestCase(
        "C077 trailers are dropped",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 50\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        [200, 200]
    ),
    RequestCase(
        "C078 odd trailer",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX:POST / HTTP/1.1\r\n\r\n",
        [200]
    ),
    RequestCase(
        "C078 LF in a trailer",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
        [400]
    ),
    RequestCase(
        "C079 no last chunk",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        []
    ),
    RequestCase(
        "C080 upper and lower case",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n",
        [200]
    ),
    RequestCase(
        "C080 extensions",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c;d=\"e;\\\"f\"\r\nhello\r\n0;x\r\nT: v\r\n\r\n",
        [200]
    ),
    RequestCase(
        "C081 pipelined",
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: h\r\n\r\n",
        [200, 200, 200]
    ),
    RequestCase(
        "C083 nothing behind close",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        [200]
    ),
    RequestCase("C083 garbage behind a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n\u{1}garbage\r\n\r\n", [200, 400]),
    RequestCase(
        "C084 GET with a body",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        [200, 200]
    ),
    RequestCase(
        "C089 Expect",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\nx",
        [200]
    ),
    RequestCase(
        "C090 unknown expectation",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 200-ok\r\n\r\nx",
        [417]
    ),
    RequestCase(
        "C090 two expectations",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: y 100-continue\r\n\r\nx",
        [417]
    ),
    RequestCase("unknown method is a token", "FOO / HTTP/1.1\r\nHost: h\r\n\r\n", [200]),
    RequestCase("method of 25 letters", "ABCDEFGHIJKLMNOPQRSTUVWXY / HTTP/1.1\r\nHost: h\r\n\r\n", [501]),
]
