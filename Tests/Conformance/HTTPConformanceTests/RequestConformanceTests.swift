import HTTPCore
import HTTPTransport
import Reactor
import Synchronization
import TestSupport
import Testing

/// A theme of the tables.
struct Theme: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let cases: [RequestCase]

    static let all = [
        Theme(testDescription: "start lines", cases: RequestCase.startLines),
        Theme(testDescription: "Host", cases: RequestCase.hosts),
        Theme(testDescription: "fields", cases: RequestCase.fields),
        Theme(testDescription: "Content-Length", cases: RequestCase.lengths),
        Theme(testDescription: "Transfer-Encoding", cases: RequestCase.codings),
        Theme(testDescription: "chunks", cases: RequestCase.chunks),
        Theme(testDescription: "connections", cases: RequestCase.connections),
    ]
}

/// Every case over a socket: whole, byte by byte, and cut in two at every offset.
@Suite(.serialized) struct RequestConformanceTests {
    /// Where the gateway's own routes answer, not the service's.
    private static let ofGateway: [String: [Int]] = [
        "C010 encoded CRLF stays in the path": [400],
        "C011 OPTIONS asterisk": [204],
        "unknown method is a token": [405],
    ]

    @Test(arguments: Theme.all)
    func `our server reads each request in one way, however its bytes arrive`(theme: Theme) async throws {
        try await Backend.run { backend, address, loop in
            let peer = Peer(address: address, loop: loop) { try await $0.yield() }
            let faults = try await peer.faults(of: theme.cases) { $0.statuses }
            #expect(faults.isEmpty)
            backend.paths.withLock { paths in #expect(!paths.contains { $0.hasSuffix("smuggled") }) }
        }
    }

    @Test(arguments: Theme.all)
    func `the gateway reads each request in one way, and the service behind it no other`(theme: Theme) async throws {
        try await Backend.run { backend, address, loop in
            let gateway = try await startGateway(over: address)
            let front = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            let peer = Peer(address: front, loop: loop) { try await $0.sleep(for: .milliseconds(1)) }
            let faults = try await peer.faults(of: theme.cases) { Self.ofGateway[$0.name] ?? $0.statuses }
            #expect(faults.isEmpty)
            backend.paths.withLock { paths in #expect(!paths.contains { $0.hasSuffix("smuggled") }) }
        }
    }
}
