import System

/// Who holds a seat of a showtime. An available seat has no hold.
struct SeatHold: Sendable, Equatable {
    /// What kind of hold it is.
    enum State: String, Sendable {
        /// Held until its instant, or, once paid for, until the booking is confirmed.
        case locked
        /// Sold.
        case booked
    }

    let seat: String
    let bookingID: Identifier
    let userID: Identifier
    let state: State
    /// When the lock ends; nil when it has no end.
    let expiresAt: Timestamp?

    /// Whether the lock has ended. The instant itself belongs to expiry: payment needs `expiresAt > now`.
    func isExpired(at now: Timestamp) -> Bool {
        guard state == .locked, let expiresAt else { return false }
        return expiresAt <= now
    }
}

/// What becomes of a request for seats: all of them or none. A pure function of the showtime's holds, so that the order
/// of the log alone decides who gets a seat.
enum SeatDecision: Equatable {
    /// Why a request gets nothing; the raw values are those of the API.
    enum Rejection: String, Sendable {
        case seatsTaken = "seats_taken"
        case seatLimitExceeded = "seat_limit_exceeded"
        case userBanned = "user_banned"
        case showtimeStarted = "showtime_started"
        case cancelled
    }

    /// The seats are the requester's until the instant. The locks of `releasing` had ended and go first.
    case lock(until: Timestamp, releasing: [Identifier])
    /// Nothing changes hands.
    case reject(Rejection, conflicts: [String])

    /// The rules of a showtime.
    struct Rules: Sendable {
        /// How long a lock lasts.
        let lockSeconds: Int64
        /// Seats of one showtime that one person may hold.
        let maximumSeatsPerUser: Int
    }

    /// Decides.
    ///
    /// - Parameters:
    ///   - seats: What is asked for, known seats of the hall without repeats.
    ///   - holds: Present holds of the showtime that concern `seats` or the user.
    static func decide(
        seats: [String],
        for userID: Identifier,
        startsAt: Timestamp,
        holds: [SeatHold],
        rules: Rules,
        now: Timestamp
    ) -> SeatDecision {
        guard now < startsAt else { return .reject(.showtimeStarted, conflicts: []) }
        let wanted = Set(seats)
        let valid = holds.filter { !$0.isExpired(at: now) }
        let taken = Set(valid.lazy.map(\.seat)).intersection(wanted)
        guard taken.isEmpty else { return .reject(.seatsTaken, conflicts: seats.filter(taken.contains)) }
        let held = valid.count { $0.userID == userID }
        guard held + seats.count <= rules.maximumSeatsPerUser else {
            return .reject(.seatLimitExceeded, conflicts: [])
        }
        let releasing = Set(holds.lazy.filter { $0.isExpired(at: now) && wanted.contains($0.seat) }.map(\.bookingID))
        return .lock(until: now.adding(seconds: rules.lockSeconds), releasing: releasing.sorted())
    }
}
