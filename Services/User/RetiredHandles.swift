import Persistence
import Security
import System

/// Handles of accounts that are gone, which nobody may take for a while: who knew the person would take the next one for
/// them. Kept as authentication codes, so the store tells no name.
enum RetiredHandles {
    /// How long a handle rests.
    static let seconds: Int64 = 90 * 86_400

    fileprivate static func mark(_ handle: Handle, _ secret: [UInt8]) -> [UInt8] {
        let message = Array("handle \(handle.key)".utf8)
        return Array(HashFunction.sha256.authenticationCode(key: secret, message: message).prefix(16))
    }
}

extension Connection {
    /// Whether a handle rests.
    func isRetired(_ handle: Handle, secret: [UInt8], at now: Timestamp) throws -> Bool {
        let mark = RetiredHandles.mark(handle, secret)
        return try exists("SELECT 1 FROM retired_handles WHERE mark = \(mark) AND until > \(now)")
    }
}

extension Transaction {
    borrowing func retire(_ handle: Handle, secret: [UInt8], at now: Timestamp) throws {
        let until = now.adding(seconds: RetiredHandles.seconds)
        try execute(
            """
            INSERT INTO retired_handles (mark, until) VALUES (\(RetiredHandles.mark(handle, secret)), \(until))
            ON CONFLICT (mark) DO UPDATE SET until = excluded.until
            """
        )
    }

    /// Lets handles be taken again, some at a time.
    borrowing func forgetRetiredHandles(before time: Timestamp, limit: Int) throws {
        try execute(
            """
            DELETE FROM retired_handles WHERE mark IN
                (SELECT mark FROM retired_handles WHERE until < \(time) LIMIT \(limit))
            """
        )
    }
}
