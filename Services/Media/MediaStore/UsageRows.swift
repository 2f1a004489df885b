import Contracts
import Persistence
import ServiceKit
import System

/// What one account may store: originals, and what is reserved for uploads.
struct Quota: Sendable, Equatable {
    var bytes: Int64
    var items: Int64

    static let unlimited = Quota(bytes: .max, items: .max)
}

extension Transaction {
    /// Takes room of an account's quota: 413 `quota_exceeded` when it has not that much.
    borrowing func reserve(bytes: Int64, items: Int64, of owner: Identifier, quota: Quota) throws {
        let used = try connection.usage(of: owner)
        let (sum, overflow) = used.bytes.addingReportingOverflow(bytes)
        guard !overflow, sum <= quota.bytes, used.items + items <= quota.items else {
            throw Problem(.quotaExceeded, "at most \(quota.bytes) bytes in \(quota.items) items")
        }
        try execute(
            """
            INSERT INTO usage (owner_id, bytes, items) VALUES (\(owner), \(bytes), \(items))
            ON CONFLICT (owner_id) DO UPDATE SET bytes = bytes + \(bytes), items = items + \(items)
            """
        )
    }

    /// Gives room back.
    borrowing func release(bytes: Int64, items: Int64, of owner: Identifier) throws {
        try execute(
            """
            UPDATE usage SET bytes = max(0, bytes - \(bytes)), items = max(0, items - \(items)) WHERE owner_id = \(owner)
            """
        )
    }

    /// Forgets what an account that is gone used.
    borrowing func forgetUsage(of owner: Identifier) throws {
        try execute("DELETE FROM usage WHERE owner_id = \(owner)")
    }
}

extension Connection {
    /// What an account uses.
    func usage(of owner: Identifier) throws -> Quota {
        try first("SELECT bytes, items FROM usage WHERE owner_id = \(owner)") {
            Quota(bytes: try $0[0], items: try $0[1])
        } ?? Quota(bytes: 0, items: 0)
    }
}
