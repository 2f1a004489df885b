import Persistence
import Security
import System

/// Handles of accounts that are gone, or have another one now, which nobody else may take for a while: who knew the person
/// would take the next one for them. Kept as authentication codes, so the store tells neither name nor account.
enum RetiredHandles {
    /// How long a handle rests.
    static let seconds: Int64 = 90 * 86_400

    fileprivate static func mark(_ handle: Handle, _ secret: [UInt8]) -> [UInt8] {
        code("handle \(handle.key)", secret)
    }

    /// Who may take the handle back; nobody when the account is gone.
    fileprivate static func owner(_ handle: Handle, _ user: Identifier?, _ secret: [UInt8]) -> [UInt8]? {
        user.map { code("owner of \(handle.key): \($0)", secret) }
    }

    private static func code(_ text: String, _ secret: [UInt8]) -> [UInt8] {
        let message = Array(text.utf8)
        return Array(HashFunction.sha256.authenticationCode(key: secret, message: message).prefix(16))
    }
}

extension Connection {
    /// Whether a handle rests, for anybody or for somebody who has an account.
    func isRetired(_ handle: Handle, for user: Identifier? = nil, secret: [UInt8], at now: Timestamp) throws -> Bool {
        let mark = RetiredHandles.mark(handle, secret)
        let owner = RetiredHandles.owner(handle, user, secret) ?? []
        return try exists(
            """
            SELECT 1 FROM retired_handles WHERE mark = \(mark) AND until > \(now) AND (owner IS NULL OR owner <> \(owner))
            """
        )
    }
}

extension Transaction {
    /// Has a handle rest; `owner` may take it back meanwhile.
    borrowing func retire(_ handle: Handle, of owner: Identifier? = nil, secret: [UInt8], at now: Timestamp) throws {
        let code = RetiredHandles.owner(handle, owner, secret)
        let until = now.adding(seconds: RetiredHandles.seconds)
        try execute(
            """
            INSERT INTO retired_handles (mark, until, owner)
            VALUES (\(RetiredHandles.mark(handle, secret)), \(until), \(code))
            ON CONFLICT (mark) DO UPDATE SET until = excluded.until, owner = excluded.owner
            """
        )
    }

    /// Somebody gives a handle up for another one, which must not rest for them.
    borrowing func exchange(
        _ old: Handle,
        for new: Handle,
        of user: Identifier,
        secret: [UInt8],
        at now: Timestamp
    ) throws {
        guard try !connection.isRetired(new, for: user, secret: secret, at: now) else { throw UserError.handleTaken }
        let key = AllowanceKey(.handleChanges, of: user.description, secret: secret)
        if let wait = try connection.wait(.handleChanges, key, at: now) {
            throw UserError.tooMany(.handleChanges, seconds: wait)
        }
        _ = try use(.handleChanges, key, at: now)
        try retire(old, of: user, secret: secret, at: now)
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
