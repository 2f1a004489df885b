internal import Synchronization
public import System

/// What a client's `Idempotency-Key` means: one caller's key on one route
/// (draft-ietf-httpapi-idempotency-key-header).
public struct IdempotencyKey: Sendable, Hashable {
    /// Who asks: the user's id, or for a stranger whatever tells them apart.
    public var scope: String
    /// Method and route pattern.
    public var route: String
    /// The header's value.
    public var key: String

    /// A key.
    public init(scope: String, route: String, key: String) {
        self.scope = scope
        self.route = route
        self.key = key
    }
}

/// The answer to a request, kept to be given again.
public struct StoredResponse: Sendable, Equatable {
    /// The HTTP status.
    public var status: Int
    /// Fields to repeat, such as `Location`, `ETag` and `Content-Type`.
    public var headers: [OutboxHeader]
    /// The content.
    public var body: [UInt8]

    /// An answer.
    public init(status: Int, headers: [OutboxHeader], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What is to be done with a request that has a key.
public enum IdempotencyDecision: Sendable, Equatable {
    /// Do it, and store the answer with its effect.
    case proceed
    /// It has been done: give this answer.
    case replay(StoredResponse)
    /// The key was used with another body: 422.
    case bodyDiffers
}

extension Connection {
    /// Looks a key up. `digest` is that of the request's body. Call it again inside the write: another request with
    /// the key may have come between.
    public func decide(_ key: IdempotencyKey, digest: [UInt8], at time: Timestamp) throws -> IdempotencyDecision {
        let found = try first(
            """
            SELECT body_digest, status, headers, body FROM idempotency_keys
            WHERE scope = \(key.scope) AND route = \(key.route) AND key = \(key.key) AND expires_at > \(time)
            """
        ) { row in
            guard let headers = HeaderCodec.decode(try row[2]) else {
                throw DatabaseError(.decoding, "headers of a stored response")
            }
            return (
                digest: try row[0] as [UInt8], StoredResponse(status: try row[1], headers: headers, body: try row[3])
            )
        }
        guard let found else { return .proceed }
        return found.digest == digest ? .replay(found.1) : .bodyDiffers
    }
}

extension Transaction {
    /// Keeps the answer for 24 hours, in the transaction of its effect.
    public borrowing func store(
        _ response: StoredResponse,
        for key: IdempotencyKey,
        digest: [UInt8],
        at time: Timestamp
    ) throws {
        try execute(
            """
            INSERT OR REPLACE INTO idempotency_keys
            (scope, route, key, body_digest, status, headers, body, expires_at)
            VALUES (\(key.scope), \(key.route), \(key.key), \(digest), \(response.status),
            \(HeaderCodec.encode(response.headers)), \(response.body),
            \(time.adding(seconds: Idempotency.retentionSeconds)))
            """
        )
    }

    /// Removes the answers kept for a caller, who is gone.
    public borrowing func forgetResponses(scope: String) throws {
        try execute("DELETE FROM idempotency_keys WHERE scope = \(scope)")
    }

    /// Removes up to `limit` answers whose time is over and says how many went.
    @discardableResult
    public borrowing func pruneIdempotencyKeys(at time: Timestamp, limit: Int) throws -> Int {
        try execute(
            """
            DELETE FROM idempotency_keys WHERE (scope, route, key) IN (SELECT scope, route, key FROM idempotency_keys
            INDEXED BY idempotency_keys_by_expiry WHERE expires_at <= \(time) ORDER BY expires_at LIMIT \(limit))
            """
        )
    }
}

/// Stored answers.
public enum Idempotency {
    /// How long an answer is kept: 24 hours.
    public static let retentionSeconds: Int64 = 86_400
    /// The longest key that is taken, in bytes.
    public static let maximumKeyLength = 255

    static let schema = """
        CREATE TABLE IF NOT EXISTS idempotency_keys (
            scope TEXT NOT NULL,
            route TEXT NOT NULL,
            key TEXT NOT NULL,
            body_digest BLOB NOT NULL,
            status INTEGER NOT NULL,
            headers BLOB NOT NULL,
            body BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (scope, route, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS idempotency_keys_by_expiry ON idempotency_keys (expires_at);

        """
}

/// The keys whose first request is at work in this process: a second one meanwhile gets 409.
public final class IdempotencyRegistry: Sendable {
    private let keys = Mutex<Set<IdempotencyKey>>([])

    init() {}

    /// False when a request with the key is at work already.
    public func begin(_ key: IdempotencyKey) -> Bool {
        keys.withLock { keys in keys.insert(key).inserted }
    }

    /// Ends what `begin` began, whatever came of it.
    public func end(_ key: IdempotencyKey) {
        keys.withLock { keys in _ = keys.remove(key) }
    }
}
