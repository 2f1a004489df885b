import Contracts
import HTTPCore
public import HTTPTransport
public import Persistence
import Security
public import System

extension Request {
    /// Runs `write` once for the request's `Idempotency-Key`: a repeat with the same body gets the first answer again, with
    /// another body 422, while the first is at work 409. Without a key it just runs.
    ///
    /// `scope` is the caller (a user's id). The answer is stored in the transaction of the effect; a closure that throws
    /// stores nothing, so a refused request may be tried again with its key.
    public func idempotent(
        scope: String,
        body: [UInt8],
        database: Database,
        clock: WallClock,
        _ write: @escaping @Sendable (borrowing Transaction) throws -> StoredResponse
    ) async throws -> Response {
        guard let key = try idempotencyKey(scope: scope) else {
            return Response(try await database.write { try write($0) })
        }
        let digest = HashFunction.sha256.digest(body)
        guard database.idempotency.begin(key) else { throw Problem(.idempotencyInProgress, retryAfter: 1) }
        defer { database.idempotency.end(key) }
        let (time, source) = (clock.now, self[OutboxSource.self])
        let stored = try await database.write { transaction in
            switch try transaction.connection.decide(key, digest: digest, at: time) {
            case .replay(let response): return response
            case .bodyDiffers: throw Problem(.idempotencyMismatch)
            case .proceed:
                var response = try write(transaction)
                if let source, let position = EventPositions.text(transaction.appendedRows, source: source) {
                    response.headers.append(OutboxHeader(HTTPField.Name.eventPosition.description, text: position))
                }
                try transaction.store(response, for: key, digest: digest, at: time)
                return response
            }
        }
        return Response(stored)
    }

    /// Whether a request with this `Idempotency-Key` has been answered: this one will be answered the same, or refused, and
    /// has no effect whatever it brings. `scope` is the caller.
    public func isRepeat(scope: String, database: Database, clock: WallClock) async throws -> Bool {
        guard let key = try idempotencyKey(scope: scope) else { return false }
        let now = clock.now
        return try await database.read { connection in
            if case .proceed = try connection.decide(key, digest: [], at: now) { false } else { true }
        }
    }

    /// The text of `Idempotency-Key`; nil without one, 422 when it is empty or too long.
    public func idempotencyKey() throws(Problem) -> String? {
        guard let key = headerFields[.idempotencyKey] else { return nil }
        guard (1...Idempotency.maximumKeyLength).contains(key.utf8.count) else {
            throw .invalid("Idempotency-Key", "1 to \(Idempotency.maximumKeyLength) characters")
        }
        return key
    }

    private func idempotencyKey(scope: String) throws -> IdempotencyKey? {
        guard let text = try idempotencyKey() else { return nil }
        let route = "\(method.rawValue) \(path.prefix { $0 != "?" })"
        return IdempotencyKey(scope: scope, route: route, key: text)
    }
}

extension Response {
    /// A stored answer, to be given (again).
    public init(_ stored: StoredResponse) {
        var fields: HTTPFields = [:]
        for header in stored.headers {
            guard let name = HTTPField.Name(header.name), let value = header.value else { continue }
            fields.append(name, String(decoding: value, as: UTF8.self))
        }
        let status = HTTPResponse.Status(code: stored.status) ?? .internalServerError
        self.init(status, fields, body: stored.body.isEmpty ? .none : .bytes(stored.body))
    }
}
