import Reactor
import Security

/// A client's bytes, in the clear or by TLS: its first byte tells. A TLS record begins with 22; a request that began so
/// would be one of 369 MB, more than any may be. Belongs to its loop; at most one task reads and one writes.
final class ClientStream {
    /// A TLS handshake's first byte.
    private static let handshakeRecord: UInt8 = 22
    /// Encrypted bytes that are written at a time.
    private static let writeSize = 64 << 10

    let connection: Connection
    private let tls: TLSSession?
    /// Decrypted bytes that were not taken yet.
    private var decrypted = ByteBuffer()

    /// Who the client has proved to be by its certificate.
    var certifiedSubject: String? { tls?.peerSubject }

    private init(_ connection: Connection, tls: TLSSession?) {
        self.connection = connection
        self.tls = tls
    }

    /// Waits for the client's first byte and, if it wants TLS, completes the handshake. Without `certificates` nobody
    /// speaks TLS; with them, clients on other machines have to. Nil when the client has left.
    static func open(_ connection: Connection, _ certificates: TLSCertificates?) async throws -> ClientStream? {
        guard let certificates else { return ClientStream(connection, tls: nil) }
        let mayBePlain = connection.remoteAddress.isLoopback
        let deadline = Deadline.after(Limit.handshake)
        guard try await connection.fill(until: mayBePlain ? .after(Limit.idle) : deadline, isIdle: true) else {
            return nil
        }
        guard connection.input.slice.first == handshakeRecord else {
            guard mayBePlain else { throw RequestError.notEncrypted }
            return ClientStream(connection, tls: nil)
        }
        let stream = ClientStream(connection, tls: try TLSSession(certificates.current))
        try await stream.handshake(until: mayBePlain ? .after(Limit.handshake) : deadline)
        return stream
    }

    private func handshake(until deadline: Deadline) async throws {
        guard let tls else { return }
        while true {
            try tls.receive(connection.input.slice)
            connection.input.consumeAll()
            let isComplete: Bool
            do {
                isComplete = try tls.handshake()
            } catch {
                // Tells the client why.
                try await flush(until: deadline)
                throw error
            }
            try await flush(until: deadline)
            if isComplete { return }
            guard connection.receivedBytes < Limit.handshakeBytes, try await connection.fill(until: deadline) else {
                throw TLSError.failed("the handshake was not completed")
            }
        }
    }

    // MARK: Reading

    /// Bytes that can be taken.
    var count: Int { tls == nil ? connection.input.count : decrypted.count }

    /// The next bytes, which stay.
    func peek(_ count: Int) -> [UInt8] {
        Array((tls == nil ? connection.input.slice : decrypted.slice).prefix(count))
    }

    func skip(_ count: Int) {
        if tls == nil { connection.input.consume(count) } else { decrypted.consume(count) }
    }

    /// The next bytes as an array of their own; nil when the stream ended before. `timeout` is for one pause. Memory is taken
    /// for bytes that came, not for the length that was announced.
    func read(exactly count: Int, timeout: Duration) async throws -> [UInt8]? {
        guard tls != nil else { return try await connection.read(exactly: count, timeout: timeout) }
        while decrypted.count < count {
            guard try await fill(until: .after(timeout)) else { return nil }
        }
        return decrypted.take(count)
    }

    /// Waits for more bytes; false at the end of the stream. A drain may end the wait when it `isIdle`.
    func fill(until deadline: Deadline, isIdle: Bool = false) async throws -> Bool {
        guard let tls else { return try await connection.fill(until: deadline, isIdle: isIdle) }
        while true {
            guard let bytes = try tls.read() else { return false }
            if !bytes.isEmpty {
                decrypted.append(bytes)
                return true
            }
            // Idle connections keep no memory.
            if decrypted.isEmpty { decrypted = ByteBuffer() }
            guard try await connection.fill(until: deadline, isIdle: isIdle) else { return false }
            try tls.receive(connection.input.slice)
            connection.input.consumeAll()
        }
    }

    // MARK: Writing

    func write(_ slices: [ArraySlice<UInt8>], until deadline: Deadline) async throws {
        guard let tls else { return try await connection.write(slices, until: deadline) }
        for slice in slices {
            var rest = slice
            while !rest.isEmpty {
                let record = rest.prefix(TLSSession.recordLimit)
                try tls.write(record)
                rest = rest.dropFirst(record.count)
                if tls.outputCount >= Self.writeSize { try await flush(until: deadline) }
            }
        }
        try await flush(until: deadline)
    }

    /// Tells a TLS client that nothing follows. The last to write.
    func finish() async {
        guard let tls, !connection.isClosed else { return }
        tls.close()
        // The client may be gone already.
        try? await flush(until: .after(Limit.farewell))
    }

    private func flush(until deadline: Deadline) async throws {
        guard let tls, tls.outputCount > 0 else { return }
        try await connection.write(tls.takeOutput(), until: deadline)
    }
}
