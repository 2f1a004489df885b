import HTTPCore
import HTTPTransport
import Reactor
import TestSupport
import Testing

/// Requests beyond a limit: refused before they are held in memory, and with the status that names the limit.
@Suite(.serialized) struct LargeRequestTests {
    private static func many(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    static let cases: [RequestCase] = [
        RequestCase("C021 64 KB of target", "GET /\(many(65_536, "a")) HTTP/1.1\r\nHost: h\r\n\r\n", 414),
        RequestCase(
            "C021 8000 bytes of target",
            "GET /v1/bookings?\(many(7980, "a")) HTTP/1.1\r\nHost: h\r\n\r\n",
            200
        ),
        RequestCase("C021 a method without an end", many(70_000, "A"), 414),
        .get("C044 10,000 fields", many(10_000, "X: y\r\n") + "\r\n", 431),
        .get("C044 90 fields", many(89, "X: y\r\n") + "\r\n", 200),
        .get("C044 a long value", "X: \(many(100_000, "v"))\r\n\r\n", 431),
        .get("C044 a long name", "\(many(100_000, "n")): v\r\n\r\n", 431),
        .chunked("C074 64 KB of extension", "1;\(many(65_536, "e"))\r\nx\r\n0\r\n\r\n", 413),
        .chunked("C074 a long extension to each byte", many(100, "1;\(many(1000, "e"))\r\nx\r\n") + "0\r\n\r\n", 413),
        .chunked("C078 long trailers", "0\r\n\(many(20_000, "X: y\r\n"))\r\n", 431),
        .chunked("1-byte chunks", many(5000, "1\r\nx\r\n") + "0\r\n\r\n", 200),
        .post("a body above the handler's limit", "Content-Length: 200000\r\n\r\n\(many(200_000, "x"))", 413),
        .chunked("chunks above the handler's limit", many(20, "2710\r\n\(many(10_000, "x"))\r\n") + "0\r\n\r\n", 413),
    ]

    /// Whole, and in pieces of a size that is no power of two.
    private static func check(_ peer: Peer) async throws {
        for sample in cases {
            let bytes = sample.bytes + Array(RequestCase.last.utf8)
            for step in [bytes.count, 1789] {
                let cuts = Array(stride(from: step, to: bytes.count, by: step))
                let answers = try await peer.exchange(bytes, cuts: cuts)
                // A refused body that was read to its end leaves the connection usable.
                let mayGoOn = sample.keepsAlive || sample.statuses == [413]
                let isExpected =
                    answers.statuses == sample.statuses && !sample.keepsAlive
                    || answers.statuses == sample.statuses + [200] && mayGoOn
                #expect(isExpected && answers.fault == nil, "\(sample.name) \(step): \(answers)")
            }
        }
    }

    @Test func `our server refuses what is too large, with the limit's status`() async throws {
        try await Backend.run { _, address, loop in
            try await Self.check(Peer(address: address, loop: loop) { try await $0.yield() })
        }
    }

    @Test func `the gateway refuses what is too large, with the limit's status`() async throws {
        try await Backend.run { _, address, loop in
            let gateway = try await startGateway(over: address)
            let front = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            try await Self.check(Peer(address: front, loop: loop) { try await $0.sleep(for: .milliseconds(1)) })
        }
    }
}
