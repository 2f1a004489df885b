import System

/// Replays the ledger of a showtime's seats and finds what must never be: a seat with two owners. A pure state machine;
/// the audit feeds it every entry of `seat-locked` in log order.
struct SeatLedger: Sendable {
    /// One entry of the ledger.
    struct Entry: Sendable {
        let id: Identifier
        let offset: Int64
        let bookingID: Identifier
        let seats: [String]
        let status: String
    }

    /// An entry that does not fit those before it.
    struct Violation: Sendable, Equatable {
        let offset: Int64
        let seat: String
        let problem: String
    }

    private var owners: [String: (booking: Identifier, isBooked: Bool)] = [:]
    /// What did not fit.
    private(set) var violations: [Violation] = []
    /// How many different entries were read.
    private(set) var entries = 0
    /// How many were in the log once more: a relay that is killed before it noted a delivery sends again, by the same id.
    private(set) var repeats = 0
    private var seen: Set<Identifier> = []

    /// Seats locked after the last entry.
    var lockedSeats: [String] { owners.filter { !$0.value.isBooked }.keys.sorted() }
    /// Seats booked after the last entry.
    var bookedSeats: [String] { owners.filter { $0.value.isBooked }.keys.sorted() }

    /// Takes the next entry.
    mutating func apply(_ entry: Entry) {
        guard seen.insert(entry.id).inserted else {
            repeats += 1
            return
        }
        entries += 1
        for seat in entry.seats {
            switch entry.status {
            case "locked": lock(seat, entry)
            case "booked": book(seat, entry)
            case "released", "freed": free(seat, entry)
            case "rejected": break
            default: violate(seat, entry, "unknown status \(entry.status)")
            }
        }
    }

    private mutating func lock(_ seat: String, _ entry: Entry) {
        if let owner = owners[seat] {
            violate(seat, entry, "locked while booking \(owner.booking) holds it")
        }
        owners[seat] = (entry.bookingID, false)
    }

    private mutating func book(_ seat: String, _ entry: Entry) {
        guard let owner = owners[seat], owner.booking == entry.bookingID, !owner.isBooked else {
            return violate(seat, entry, "booked without a lock of its own")
        }
        owners[seat] = (entry.bookingID, true)
    }

    private mutating func free(_ seat: String, _ entry: Entry) {
        guard let owner = owners[seat], owner.booking == entry.bookingID, owner.isBooked == (entry.status == "freed")
        else {
            return violate(seat, entry, "\(entry.status) by a booking that does not hold it so")
        }
        owners[seat] = nil
    }

    private mutating func violate(_ seat: String, _ entry: Entry, _ problem: String) {
        violations.append(Violation(offset: entry.offset, seat: seat, problem: problem))
    }
}
