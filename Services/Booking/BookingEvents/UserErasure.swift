import Contracts
import EventBus
import Persistence
import System

/// Follows accounts that are deleted (group `booking-users` on `user-events`). Booking holds nothing personal but the
/// account's id, which its bookings keep for the accounts; the receipt says so.
struct UserErasure: Sendable {
    let clock: WallClock

    /// Notes the end of an account and gives the receipt.
    func handle(_ event: Event, in transaction: borrowing Transaction) throws {
        guard event.type == UserDeleted.type else { return }
        let deleted = try event.decode(UserDeleted.self)
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
