import Persistence
import Security
import ServiceKit
import System

/// So many of something in so many seconds, counted from the first.
struct Allowance: Sendable, Equatable {
    let name: String
    let limit: Int
    let windowSeconds: Int64

    /// Mails that one account may cause by asking for them.
    static let mailsOfAccount = Allowance(name: "mails", limit: 5, windowSeconds: 3600)
    /// Mails that one address gets from whoever claims it.
    static let mailsToAddress = Allowance(name: "mails-to-address", limit: 5, windowSeconds: 3600)
    /// Wrong passwords of somebody who is logged in.
    static let passwordGuesses = Allowance(name: "password-guesses", limit: 10, windowSeconds: 600)
    /// Handles that one account may give up: each rests, and is nobody's meanwhile.
    static let handleChanges = Allowance(name: "handle-changes", limit: 5, windowSeconds: 3600)

    /// The longest window: older counts say nothing any more.
    static let longestWindowSeconds: Int64 = 3600

    /// What who has used it up is answered.
    func refusal(seconds: Int) -> RateLimited {
        let state = RateLimited.Limit(
            name: name,
            quota: limit,
            windowSeconds: Int(windowSeconds),
            remaining: 0,
            seconds: seconds,
            isViolated: true
        )
        return RateLimited([state])
    }
}

/// Whose allowance it is. The store knows them by an authentication code, so it tells no address.
struct AllowanceKey: Sendable {
    fileprivate let bytes: [UInt8]

    init(_ allowance: Allowance, of subject: String, secret: [UInt8]) {
        let message = Array("\(allowance.name) \(subject)".utf8)
        bytes = Array(HashFunction.sha256.authenticationCode(key: secret, message: message).prefix(16))
    }
}

extension Connection {
    /// Seconds until there is more; nil when there is some. A window that begins in the future is over: the clock was set
    /// back since.
    func wait(_ allowance: Allowance, _ key: AllowanceKey, at now: Timestamp) throws -> Int? {
        let used = try first("SELECT since, used FROM allowances WHERE key = \(key.bytes)") { row in
            (since: try row[0] as Timestamp, used: try row[1] as Int)
        }
        guard let used, used.used >= allowance.limit, used.since <= now else { return nil }
        let end = used.since.adding(seconds: allowance.windowSeconds)
        guard end > now else { return nil }
        return Int((end.milliseconds - now.milliseconds + 999) / 1000)
    }
}

extension Transaction {
    /// Uses one; false when none is left.
    borrowing func use(_ allowance: Allowance, _ key: AllowanceKey, at now: Timestamp) throws -> Bool {
        guard try connection.wait(allowance, key, at: now) == nil else { return false }
        let start = now.adding(seconds: -allowance.windowSeconds)
        try execute(
            """
            INSERT INTO allowances (key, since, used) VALUES (\(key.bytes), \(now), 1)
            ON CONFLICT (key) DO UPDATE SET
                used = CASE WHEN since > \(start) AND since <= \(now) THEN used + 1 ELSE 1 END,
                since = CASE WHEN since > \(start) AND since <= \(now) THEN since ELSE \(now) END
            """
        )
        return true
    }

    /// Forgets counts that say nothing any more, some at a time.
    borrowing func forgetAllowances(before time: Timestamp, limit: Int) throws {
        try execute(
            "DELETE FROM allowances WHERE key IN (SELECT key FROM allowances WHERE since < \(time) LIMIT \(limit))"
        )
    }
}
