import Persistence
import ServiceKit
import System

/// Ends locks at their instant. The decision itself is the conditional UPDATE of ``expire(_:at:cause:)``: whoever comes
/// first, payment or expiry, wins, whatever a timer does.
struct LockExpiry: Sendable {
    /// Locks ended in one transaction.
    static let batch = 16

    let database: Database
    /// Told of bookings that have changed.
    let changes: Changes<Booking>

    /// Ends what has ended and says when the next lock does.
    func step(at now: Timestamp) async throws -> Timestamp? {
        let changes = changes
        return try await database.write { transaction in
            for booking in try transaction.connection.expiredBookings(at: now, limit: Self.batch) {
                if try transaction.expire(booking, at: now) {
                    transaction.afterCommit { changes.announce(booking.id) }
                }
            }
            return try transaction.connection.nextExpiry()
        }
    }
}
