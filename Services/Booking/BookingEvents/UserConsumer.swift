import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// Follows accounts that are banned or deleted (group `booking-users` on `user-events`). Booking holds nothing personal
/// but the account's id, which its bookings keep for the accounts; the receipt of an erasure says so.
struct UserConsumer: Sendable {
    let clock: WallClock

    /// Applies one change of an account.
    func handle(_ event: Event, in transaction: borrowing Transaction) throws {
        switch event.type {
        case UserBanned.type: try transaction.ban(try event.decode(UserBanned.self).userID)
        case UserUnbanned.type: try transaction.unban(try event.decode(UserUnbanned.self).userID)
        case UserDeleted.type: try erase(try event.decode(), event, in: transaction)
        default: break  // Nothing that bookings depend on.
        }
    }

    private func erase(_ deleted: UserDeleted, _ event: Event, in transaction: borrowing Transaction) throws {
        let now = clock.now
        try transaction.erase(deleted.userID, at: now)
        let receipt = UserErased(
            userID: deleted.userID,
            erasureID: deleted.erasureID,
            service: "booking",
            timestamp: now
        )
        try transaction.publish(receipt, at: now, cause: EventCause(event), source: "/booking")
    }
}
