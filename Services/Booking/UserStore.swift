import Persistence
import ServiceKit
import System

extension Transaction {
    /// Notes that an account is gone, and drops the answers kept for its repeated requests.
    borrowing func erase(_ user: Identifier, at time: Timestamp) throws {
        try execute("INSERT INTO erased_users (user_id, erased_at) VALUES (\(user), \(time)) ON CONFLICT DO NOTHING")
        try forgetResponses(scope: user.description)
        try unban(user)
    }
}
