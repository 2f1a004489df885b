import Mailing
import Persistence
import System

extension Transaction {
    /// Forgets a user whose sessions have ended, for good: later acts of theirs leave no trail.
    borrowing func erase(_ user: Identifier, at time: Timestamp) throws {
        try execute("INSERT INTO erased_users (user_id, erased_at) VALUES (\(user), \(time)) ON CONFLICT DO NOTHING")
        try execute("DELETE FROM sessions WHERE user_id = \(user)")
        try execute("DELETE FROM audit WHERE user_id = \(user)")
        try execute("DELETE FROM accounts WHERE user_id = \(user)")
        try execute("DELETE FROM recovery_codes WHERE user_id = \(user)")
        try execute("DELETE FROM second_factors WHERE user_id = \(user)")
        try SecondFactorRows.forgetChallenges(self, of: user)
        try PasswordResetRows.forget(self, of: user)
        try MailQueue.forget(user, self)
    }
}
