import Contracts
import EventBus
import Persistence
import System

extension Transaction {
    /// Publishes what became of tickets and counts it, in one transaction with both.
    borrowing func publish<Name>(
        counting change: TicketChange<Name>,
        at now: Timestamp,
        cause: EventCause? = nil
    ) throws {
        let seats = Int64(change.seats.count)
        try addToCounts(
            of: change.showtimeID,
            booked: Name.type == TicketBooked.type ? seats : 0,
            cancelled: Name.type == TicketCancelled.type ? seats : 0,
            expired: Name.type == TicketExpired.type ? seats : 0,
            checkedIn: Name.type == TicketCheckedIn.type ? seats : 0,
            revenue: Name.type == TicketBooked.type ? change.amount : 0
        )
        try publish(change, at: now, cause: cause)
    }
}

/// Reports the counts of the showtimes that have changed, so that read models can reconcile with them.
struct TicketCounts: Sendable {
    /// Showtimes in one transaction.
    private static let batch = 16

    let database: Database
    let clock: WallClock
    /// The groups whose offsets the counts hold for.
    let groups: [String]

    /// Reports every showtime whose counts have changed since its last report.
    func report() async throws {
        let (groups, now) = (groups, clock.now)
        var last: Identifier?
        repeat {
            let previous = last
            last = try await database.write(priority: .background) { transaction in
                let changed = try transaction.connection.unreportedCounts(after: previous, limit: Self.batch)
                let offsets = try transaction.connection.consumed(by: groups)
                for counts in changed {
                    var report = counts
                    report.timestamp = now
                    report.offsets = offsets
                    try transaction.publish(report, at: now)
                    try transaction.markReported(counts.showtimeID)
                }
                return changed.last?.showtimeID
            }
        } while last != nil
    }
}
