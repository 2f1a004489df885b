public import HTTPCore
public import Reactor

/// The body of a message that arrives: read piece by piece, never further than it is asked for, so a slow reader holds the
/// sender back. Belongs to its connection's loop; one task reads.
public final class IncomingBody {
    private enum Source {
        case bytes([UInt8])
        case connection(Connection)
    }

    /// Bytes that one read brings at most: what more would save is little.
    private static let largestRead = 128 << 10

    /// Content-Length, when it was sent; 0 for no body, nil for a chunked one.
    public let length: UInt64?
    /// Whether all of it was read.
    public private(set) var isComplete: Bool
    /// How long one read may take.
    var readTimeout: Duration
    /// Runs before the first wait for the sender: answers `Expect: 100-continue`.
    var beforeWaiting: (() async throws -> Void)?
    /// Runs once, when the last byte was read.
    var onCompletion: (() -> Void)?
    private var source: Source
    private var decoder: BodyDecoder
    private(set) var received: UInt64 = 0
    /// A read failed: nothing that follows on the connection can be understood.
    private(set) var isBroken = false

    /// A body that is there already.
    public init(_ bytes: [UInt8]) {
        length = UInt64(bytes.count)
        isComplete = bytes.isEmpty
        readTimeout = .zero
        source = .bytes(bytes)
        decoder = BodyDecoder(.none)
    }

    init(_ framing: BodyFraming, from connection: Connection, readTimeout: Duration) {
        switch framing {
        case .none: length = 0
        case .length(let count): length = count
        case .chunked, .untilClose: length = nil
        }
        self.readTimeout = readTimeout
        source = .connection(connection)
        decoder = BodyDecoder(framing)
        isComplete = decoder.isComplete
    }

    /// The next bytes, as many as there are; nil at the end. Throws `BodyError`, or `CancellationError`.
    public func next() async throws -> [UInt8]? {
        guard !isComplete else { return nil }
        switch source {
        case .bytes(let bytes):
            isComplete = true
            return bytes
        case .connection(let connection):
            do {
                return try await next(from: connection)
            } catch {
                throw broken(error)
            }
        }
    }

    /// Hands the next bytes to `take` where they lie, which may look at them during the call only; false at the end. Throws
    /// like `next`, and what `take` throws.
    public func next(_ take: (ArraySlice<UInt8>) throws -> Void) async throws -> Bool {
        guard case .connection(let connection) = source else {
            guard let bytes = try await next() else { return false }
            try take(bytes[...])
            return true
        }
        while !isComplete {
            let count: Int
            do {
                count = try await arrive(from: connection)
            } catch {
                throw broken(error)
            }
            guard count > 0 else { continue }
            try take(connection.input.slice.prefix(count))
            connection.input.consume(count)
            took(count)
            return true
        }
        return false
    }

    /// All of the body in one piece, when its length is known and all has arrived; else nil, and nothing is taken.
    public func takeArrived() -> [UInt8]? {
        guard !isComplete, received == 0, let length, case .connection(let connection) = source,
            UInt64(connection.input.count) >= length
        else { return nil }
        let bytes = connection.input.take(Int(length))
        received = length
        complete()
        return bytes
    }

    /// Hands what is left on to a writer, out of the buffer it arrives in; what the writer holds back, such as a head, goes
    /// out before this waits for more. Throws like `next` and `write`.
    public func relay(to writer: BodyWriter) async throws {
        guard case .connection(let connection) = source else {
            if let bytes = try await next() { try await writer.write(bytes) }
            return
        }
        while !isComplete {
            let count: Int
            do {
                count = try await arrive(from: connection) { try await writer.flush() }
            } catch {
                throw broken(error)
            }
            guard count > 0 else { continue }
            try await writer.write(connection.input.slice.prefix(count))
            // Closed meanwhile, it has no input any more.
            guard !connection.isClosed else { throw broken(BodyError.connectionLost(.closed)) }
            connection.input.consume(count)
            took(count)
        }
    }

    /// A cancelled read loses nothing; after any other error the connection makes no sense any more.
    private func broken(_ error: any Error) -> any Error {
        if !(error is CancellationError) { isBroken = true }
        return error
    }

    /// The whole body; throws `BodyError.tooLarge` when it is longer than `limit` bytes, if possible before reading it.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        if let length, length > UInt64(limit) { throw BodyError.tooLarge(limit: limit) }
        guard var all = try await next() else { return [] }
        while let bytes = try await next() {
            guard all.count + bytes.count <= limit else { throw BodyError.tooLarge(limit: limit) }
            all += bytes
        }
        guard all.count <= limit else { throw BodyError.tooLarge(limit: limit) }
        return all
    }

    /// The rest will not be read: closes the connection it would come from.
    func abandon() {
        guard !isComplete, case .connection(let connection) = source else { return }
        onCompletion = nil
        connection.close()
    }

    private func next(from connection: Connection) async throws -> [UInt8]? {
        while !isComplete {
            let count = try await arrive(from: connection)
            guard count > 0 else { continue }
            let bytes = connection.input.take(count)
            took(count)
            return bytes
        }
        return nil
    }

    private func took(_ count: Int) {
        received += UInt64(count)
        if decoder.isComplete { complete() }
    }

    /// Bytes of the body at the front of the input; 0 when the body is complete or more has to be looked at.
    private func arrive(
        from connection: Connection,
        beforeWait: () async throws -> Void = {}
    ) async throws -> Int {
        let piece: BodyPiece
        do {
            let bytes = connection.input.bytes
            piece = try decoder.next(bytes.span.extracting(connection.input.readable))
        } catch {
            throw BodyError.malformed(error)
        }
        connection.input.consume(piece.framing)
        if piece.data > 0 { return piece.data }
        if decoder.isComplete {
            complete()
        } else if piece.framing == 0 || connection.input.isEmpty {
            // Framing without data, such as a chunk's header, may have more behind it.
            try await beforeWait()
            try await receive(connection)
        }
        return 0
    }

    private func receive(_ connection: Connection) async throws {
        if let beforeWaiting {
            self.beforeWaiting = nil
            try await beforeWaiting()
        }
        do {
            let deadline = connection.loop.deadline(after: readTimeout)
            guard try await !connection.fill(until: deadline, expecting: expected) else { return }
        } catch ConnectionError.timedOut {
            throw BodyError.timedOut
        } catch let error as ConnectionError {
            throw BodyError.connectionLost(error)
        }
        do {
            try decoder.finish()
        } catch {
            throw BodyError.malformed(error)
        }
        complete()
    }

    /// How much one read may bring: of a chunked body, as much as has come so far.
    private var expected: Int {
        Int(clamping: min(length.map { $0 - min(received, $0) } ?? received, UInt64(Self.largestRead)))
    }

    private func complete() {
        isComplete = true
        let completion = onCompletion
        onCompletion = nil
        completion?()
    }
}

/// Why a body could not be read.
public enum BodyError: Error, Sendable, Equatable {
    /// It is longer than the reader accepts, in bytes.
    case tooLarge(limit: Int)
    /// The sender paused for too long.
    case timedOut
    /// The framing is wrong, or the connection ended inside the body.
    case malformed(HTTPParseError)
    /// The connection failed.
    case connectionLost(ConnectionError)
}

extension BodyError: ResponseConvertible {
    /// 413, 408, or 400 unless the framing's fault has a status of its own.
    public var response: Response {
        switch self {
        case .tooLarge: .text(.contentTooLarge, "The body is too large.\n")
        case .timedOut: .text(.requestTimeout, "The body came too slowly.\n")
        case .malformed(let error): .text(error.status, "The body is malformed.\n")
        case .connectionLost: .text(.badRequest, "The body is malformed.\n")
        }
    }
}
