import HTTPCore
import Reactor
import System
import TestSupport
import Testing

/// A gateway that has no descriptors left.
struct DescriptorTests {
    /// Descriptors beyond those that the gateway and its Kafka clients hold for themselves.
    private static let spare = 40
    private static let clients = 200

    @Test func `out of descriptors the gateway neither spins nor ends, and serves again afterwards`() async throws {
        try await Backend.run { _, address, loop in
            let gateway = try await startGateway(over: address)
            let limit = try File.names(in: "/proc/\(gateway.processID)/fd").count + Self.spare
            let limits = try await Command.run(
                "/usr/bin/prlimit",
                ["--pid", "\(gateway.processID)", "--nofile=\(limit):\(limit)"]
            )
            #expect(limits.status == .exited(0))
            let front = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            var connections: [Connection] = []
            for _ in 0..<Self.clients {
                connections.append(try await Connection.connect(to: front, on: loop, until: .soon))
            }
            try await loop.sleep(for: .milliseconds(300))
            let before = try processorTime(of: gateway)
            try await loop.sleep(for: .seconds(1))
            let busy = try processorTime(of: gateway) - before
            #expect(busy < 0.5, "\(busy) s of processor time in a second of doing nothing")
            // Those there was no room for have heard of it.
            #expect(connections.contains { $0.isHungUp })
            for connection in connections { connection.close() }
            let peer = Peer(address: front, loop: loop) { try await $0.yield() }
            try await eventually("the gateway serves again") {
                try await peer.exchange(Array(RequestCase.last.utf8)).statuses == [200]
            }
        }
    }

    /// Seconds, user and system (proc(5)).
    private func processorTime(of process: ServiceProcess) throws -> Double {
        let text = String(decoding: try File.read("/proc/\(process.processID)/stat"), as: UTF8.self)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Double($0) }.reduce(0, +)
        return ticks / 100
    }
}
