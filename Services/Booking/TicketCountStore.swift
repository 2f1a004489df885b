import Contracts
import Persistence
import System

extension Transaction {
    /// Adds to what is counted of a showtime; the next report has it.
    borrowing func addToCounts(
        of showtime: Identifier,
        booked: Int64,
        cancelled: Int64,
        expired: Int64,
        checkedIn: Int64,
        revenue: Int64
    ) throws {
        try execute(
            """
            INSERT INTO ticket_counts (showtime_id, booked, cancelled, expired, checked_in, revenue, is_reported)
            VALUES (\(showtime), \(booked), \(cancelled), \(expired), \(checkedIn), \(revenue), 0)
            ON CONFLICT DO UPDATE SET booked = booked + excluded.booked, cancelled = cancelled + excluded.cancelled,
                expired = expired + excluded.expired, checked_in = checked_in + excluded.checked_in,
                revenue = revenue + excluded.revenue, is_reported = 0
            """
        )
    }

    borrowing func markReported(_ showtime: Identifier) throws {
        try execute("UPDATE ticket_counts SET is_reported = 1 WHERE showtime_id = \(showtime)")
    }
}

extension Connection {
    /// What has changed since the last report, after a showtime, in order of ids, without time and offsets.
    func unreportedCounts(after showtime: Identifier?, limit: Int) throws -> [TicketCountsReported] {
        try rows(
            """
            SELECT counts.showtime_id, showtimes.movie_id, counts.booked, counts.cancelled, counts.expired,
                counts.checked_in, counts.revenue, showtimes.currency
            FROM ticket_counts AS counts JOIN showtimes ON showtimes.id = counts.showtime_id
            WHERE counts.is_reported = 0 AND counts.showtime_id > \(showtime?.bytes ?? []) ORDER BY counts.showtime_id LIMIT \(limit)
            """
        ) { row in
            TicketCountsReported(
                showtimeID: try row[0],
                movieID: try row[1],
                booked: try row[2],
                cancelled: try row[3],
                expired: try row[4],
                checkedIn: try row[5],
                revenue: try row[6],
                currency: try row[7],
                timestamp: Timestamp(milliseconds: 0),
                offsets: [:]
            )
        }
    }

    /// The next offsets of groups, by `<topic>-<partition>`.
    func consumed(by groups: [String]) throws -> [String: Int64] {
        let places = try rows(
            "SELECT topic, partition, next_offset FROM consumer_offsets WHERE group_name IN (\(list: groups))"
        ) { row in ("\(try row[0] as String)-\(try row[1] as Int64)", try row[2] as Int64) }
        return Dictionary(places) { max($0, $1) }
    }
}
