import Persistence
import System

extension Transaction {
    /// Makes the tickets of a booking.
    borrowing func issueTickets(for booking: Booking) throws {
        for seat in booking.seats {
            try execute("INSERT INTO tickets (booking_id, seat) VALUES (\(booking.id), \(seat))")
        }
    }

    /// Lets the holder in once: false when somebody has entered with the ticket, or there is none.
    borrowing func checkIn(_ ticket: Ticket, at now: Timestamp) throws -> Bool {
        let changed = try execute(
            """
            UPDATE tickets SET checked_in_at = \(now)
            WHERE booking_id = \(ticket.bookingID) AND seat = \(ticket.seat) AND checked_in_at IS NULL
            """
        )
        return changed == 1
    }
}

extension Connection {
    /// Whether somebody has entered with a ticket of the booking.
    func hasCheckedIn(_ booking: Identifier) throws -> Bool {
        try exists("SELECT 1 FROM tickets WHERE booking_id = \(booking) AND checked_in_at IS NOT NULL")
    }

    /// Whether the ticket exists.
    func hasTicket(_ ticket: Ticket) throws -> Bool {
        try exists("SELECT 1 FROM tickets WHERE booking_id = \(ticket.bookingID) AND seat = \(ticket.seat)")
    }
}
