import HTTPCore
import Reactor
import Synchronization
import System
import TestSupport
import Testing

/// A service that breaks the rules of HTTP behind the gateway's process.
struct AnswerConformanceTests {
    /// Answers each request with the case its path numbers, or well; tells of connections that are used again though what came
    /// on them made no sense.
    private final class Script: Sendable {
        let misuses = Mutex<[String]>([])

        func serve(_ connection: Connection) async throws {
            while let number = try await readHead(connection) {
                guard AnswerCase.all.indices.contains(number) else {
                    try await connection.write(
                        Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood".utf8),
                        until: .soon
                    )
                    continue
                }
                let sample = AnswerCase.all[number]
                try await connection.write(Array(sample.answer.utf8), until: .soon)
                if sample.ends { return connection.shutdownWrite() }
                if sample.isReusable { continue }
                // A body's rest may still come; a new request must not.
                var more: [UInt8] = []
                while try await connection.fill(until: .soon) {
                    more += connection.input.take(connection.input.count)
                }
                if String(decoding: more, as: UTF8.self).contains(" HTTP/1.1\r\n") {
                    misuses.withLock { $0.append(sample.name) }
                }
            }
        }

        /// The number at the end of the path; nil at the end of the connection.
        private func readHead(_ connection: Connection) async throws -> Int? {
            var head: [UInt8] = []
            while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
                guard try await connection.fill(toHold: 1, until: .soon) else { return nil }
                head += connection.input.take(1)
            }
            let path = String(decoding: head, as: UTF8.self).split(separator: " ").dropFirst().first ?? ""
            return Int(path.split(separator: "/").last ?? "") ?? -1
        }
    }

    @Test func `what is no answer is 502, what is cut stays cut, and no connection is used again in doubt`()
        async throws
    {
        let group = try EventLoopGroup()
        defer { group.shutdown() }
        let loop = group.loops[0]
        try await loop.run {
            let script = Script()
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let listener = try Listener(any, on: group)
            let running = Task(executorPreference: loop) {
                // A connection that breaks is the gateway's business.
                await listener.run(grace: .milliseconds(100)) { try? await script.serve($0) }
            }
            let gateway = try await startGateway(over: listener.address)
            let front = try #require(SocketAddress(host: "127.0.0.1", port: gateway.port))
            let peer = Peer(address: front, loop: loop) { try await $0.yield() }
            for (number, sample) in AnswerCase.all.enumerated() {
                let line = "\(sample.method) /v1/bookings/\(number) HTTP/1.1\r\nHost: h\r\n"
                let closing = sample.request.contains("Connection:") ? "" : "Connection: close\r\n"
                let text = line + closing + sample.request + (closing.isEmpty ? RequestCase.last : "")
                let answers = try await peer.exchange(Array(text.utf8))
                let statuses = [sample.status] + (closing.isEmpty ? [200] : [])
                #expect(answers.statuses == statuses, "\(sample.name): \(answers)")
                #expect((answers.fault == nil) == sample.isWhole, "\(sample.name): \(answers)")
                let next = try await peer.exchange(Array(RequestCase.last.utf8))
                #expect(next.statuses == [200] && next.text.hasSuffix("good"), "behind \(sample.name): \(next)")
            }
            script.misuses.withLock { #expect($0.isEmpty) }
            listener.stop()
            await running.value
        }
    }
}
