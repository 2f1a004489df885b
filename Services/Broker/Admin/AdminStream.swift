import Reactor
import Security

/// The bytes of a subcommand's connection, in the clear or by TLS. Belongs to its loop.
final class AdminStream {
    private let connection: Connection
    private let tls: TLSSession?
    private var decrypted = ByteBuffer()

    private init(_ connection: Connection, _ tls: TLSSession?) {
        self.connection = connection
        self.tls = tls
    }

    /// Completes the handshake, if there is a session. Errors: TLSError, ConnectionError.
    static func open(_ connection: Connection, _ tls: TLSSession?, until deadline: Deadline) async throws -> AdminStream
    {
        let stream = AdminStream(connection, tls)
        guard let tls else { return stream }
        while true {
            let isComplete = try tls.handshake()
            try await stream.flush(until: deadline)
            if isComplete { return stream }
            guard try await stream.receive(until: deadline) else { throw ConnectionError.closed }
        }
    }

    func close() { connection.close() }

    func write(_ bytes: [UInt8], until deadline: Deadline) async throws {
        guard let tls else { return try await connection.write(bytes, until: deadline) }
        var rest = bytes[...]
        while !rest.isEmpty {
            try tls.write(rest.prefix(TLSSession.recordLimit))
            rest = rest.dropFirst(TLSSession.recordLimit)
        }
        try await flush(until: deadline)
    }

    /// So many bytes. Errors: ConnectionError.closed when the broker ends before.
    func read(_ count: Int, until deadline: Deadline) async throws -> [UInt8] {
        guard let tls else {
            guard try await connection.fill(toHold: count, until: deadline) else { throw ConnectionError.closed }
            return connection.input.take(count)
        }
        while decrypted.count < count {
            guard let bytes = try tls.read() else { throw ConnectionError.closed }
            decrypted.append(bytes)
            guard bytes.isEmpty else { continue }
            guard try await receive(until: deadline) else { throw ConnectionError.closed }
        }
        return decrypted.take(count)
    }

    private func receive(until deadline: Deadline) async throws -> Bool {
        guard try await connection.fill(until: deadline) else { return false }
        try tls?.receive(connection.input.slice)
        connection.input.consumeAll()
        return true
    }

    private func flush(until deadline: Deadline) async throws {
        guard let tls, tls.outputCount > 0 else { return }
        try await connection.write(tls.takeOutput(), until: deadline)
    }
}
