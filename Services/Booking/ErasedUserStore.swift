import Persistence
import System

extension Transaction {
    /// Notes that an account is gone, and drops the answers kept for its repeated requests.
    borrowing func erase(_ user: Identifier, at time: Timestamp) throws {
        try execute("INSERT INTO erased_users (user_id, erased_at) VALUES (\(user), \(time)) ON CONFLICT DO NOTHING")
        try execute("DELETE FROM idempotency_keys WHERE scope = \(user.description)")
    }
}

extension Connection {
    /// Whether an account is gone.
    func isErased(_ user: Identifier) throws -> Bool {
        try value("SELECT 1 FROM erased_users WHERE user_id = \(user)", as: Int.self) != nil
    }
}
