import KafkaProtocol
import LogBroker
import Reactor
import System
import TestSupport

/// A running broker with a data folder of its own, and a way to call it.
final class TestBroker: Sendable {
    let broker: Broker
    private let running: Task<Void, any Error>
    private let loops: EventLoopGroup

    init(_ configuration: BrokerConfiguration) async throws {
        let broker = try await Broker(configuration)
        self.broker = broker
        running = Task { try await broker.run() }
        loops = try EventLoopGroup()
    }

    static func configuration(_ directory: TemporaryDirectory) -> BrokerConfiguration {
        var configuration = BrokerConfiguration(dataDirectory: directory.appending("log"))
        configuration.port = 0
        configuration.eventLoops = 1
        return configuration
    }

    func stop() async throws {
        broker.stop()
        try await running.value
        loops.shutdown()
    }

    var port: UInt16 { broker.port }

    /// Sends frames (without their lengths) at once on one connection and returns as many answers.
    func exchange(
        _ frames: [[UInt8]],
        answers: Int? = nil,
        host: String = "127.0.0.1",
        port: UInt16? = nil
    ) async throws -> [[UInt8]] {
        let port = port ?? self.port
        let loop = loops.loops[0]
        return try await loop.run {
            guard let address = SocketAddress(host: host, port: port) else { return [] }
            let deadline = Deadline.after(.seconds(10))
            let connection = try await Connection.connect(to: address, on: loop, until: deadline)
            defer { connection.close() }
            for frame in frames {
                var writer = WireWriter()
                writer.int32(Int32(frame.count))
                writer.raw(frame)
                try await connection.write(writer.bytes, until: deadline)
            }
            var results: [[UInt8]] = []
            for _ in 0..<(answers ?? frames.count) {
                guard try await connection.fill(toHold: 4, until: deadline) else { break }
                var reader = WireReader(connection.input.take(4))
                let size = Int(try reader.int32())
                guard try await connection.fill(toHold: size, until: deadline) else { break }
                results.append(connection.input.take(size))
            }
            return results
        }
    }

    static func request(
        _ key: APIKey,
        _ version: Int16,
        correlation: Int32 = 7,
        _ encode: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter()
        RequestHeader(apiKey: key.rawValue, apiVersion: version, correlationID: correlation, clientID: "test")
            .encode(to: &writer)
        encode(&writer)
        return writer.bytes
    }

    static func response<Body>(
        _ key: APIKey,
        _ version: Int16,
        _ bytes: [UInt8],
        _ decode: (inout WireReader) throws(WireError) -> Body
    ) throws -> Body {
        var reader = WireReader(bytes)
        _ = try ResponseHeader.decode(key, version: version, from: &reader)
        return try decode(&reader)
    }
}
