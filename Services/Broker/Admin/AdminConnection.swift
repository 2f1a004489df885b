import KafkaProtocol
import Reactor
import Security
import System

/// A connection of a subcommand to a broker, one call after the other. Belongs to its loop.
final class AdminConnection {
    private static let timeout = Duration.seconds(30)
    private static let clientID = "broker-admin"
    /// The largest answer that is read.
    private static let maximumAnswer = 256 << 20

    private let stream: AdminStream
    private var correlation: Int32 = 0

    private init(_ stream: AdminStream) { self.stream = stream }

    /// Connects to `HOST:PORT`, by TLS when it is given, and when a user is given, authenticates. Without TLS the password
    /// goes over the wire as it is, so only to this machine. Errors: AdminError.
    static func open(
        _ bootstrap: String,
        tls: TLSClientContext?,
        login: (user: String, password: String)?,
        on loop: EventLoop
    ) async throws -> AdminConnection {
        guard let colon = bootstrap.lastIndex(of: ":"), let port = UInt16(bootstrap[bootstrap.index(after: colon)...])
        else { throw AdminError.usage("\(bootstrap) is not HOST:PORT") }
        let host = bootstrap[..<colon].filter { $0 != "[" && $0 != "]" }
        let result: AdminConnection
        do {
            let address = try await Resolver.shared.resolve(host: host, port: port)
            guard login == nil || tls != nil || address.isLoopback else {
                throw AdminError.usage("a password would go to \(host) in the clear: use --tls or --ca")
            }
            let deadline = Deadline.after(timeout)
            let connection = try await Connection.connect(to: address, on: loop, until: deadline)
            let session = try tls.map { context throws(TLSError) in try TLSSession(context, host: host) }
            result = AdminConnection(try await .open(connection, session, until: deadline))
        } catch let error as AdminError {
            throw error
        } catch {
            throw AdminError.connection("cannot reach a broker at \(bootstrap): \(error)")
        }
        if let login { try await result.authenticate(login.user, login.password) }
        return result
    }

    func close() { stream.close() }

    /// Sends a request and reads its answer. Errors: AdminError.
    func call<Response>(
        _ key: APIKey,
        _ version: Int16,
        _ encode: (inout WireWriter) -> Void,
        _ decode: (inout WireReader) throws(WireError) -> Response
    ) async throws -> Response {
        correlation += 1
        var writer = WireWriter()
        let length = writer.reserveInt32()
        RequestHeader(apiKey: key.rawValue, apiVersion: version, correlationID: correlation, clientID: Self.clientID)
            .encode(to: &writer)
        encode(&writer)
        writer.patch(Int32(truncatingIfNeeded: writer.count - 4), at: length)
        do {
            var reader = WireReader(try await exchange(writer.bytes))
            guard try ResponseHeader.decode(key, version: version, from: &reader) == correlation else {
                throw AdminError.connection("an answer to another request")
            }
            return try decode(&reader)
        } catch let error as AdminError {
            throw error
        } catch {
            throw AdminError.connection("no answer to \(key): \(error)")
        }
    }

    private func exchange(_ frame: [UInt8]) async throws -> [UInt8] {
        let deadline = Deadline.after(Self.timeout)
        try await stream.write(frame, until: deadline)
        var reader = WireReader(try await stream.read(4, until: deadline))
        let size = Int(try reader.int32())
        guard size >= 4, size <= Self.maximumAnswer else { throw AdminError.connection("an answer of \(size) bytes") }
        return try await stream.read(size, until: deadline)
    }

    private func authenticate(_ user: String, _ password: String) async throws {
        let handshake = try await call(.saslHandshake, 1) {
            SaslHandshakeRequest(mechanism: "PLAIN").encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try SaslHandshakeResponse(from: &reader)
        }
        try AdminError.check(handshake.errorCode, "log-in of \(user)")
        let answer = try await call(.saslAuthenticate, 2) {
            SaslAuthenticateRequest(authBytes: Array("\0\(user)\0\(password)".utf8)).encode(to: &$0)
        } _: { (reader: inout WireReader) throws(WireError) in
            try SaslAuthenticateResponse(from: &reader)
        }
        try AdminError.check(answer.errorCode, "log-in of \(user)", answer.errorMessage)
    }
}
