import Contracts
import EventBus
import ServiceKit
import System

/// An entry of `seat-locked` of whichever type, as streams and audits want it.
struct LedgerEntry: Sendable, Encodable {
    let requestID: Identifier
    let showtimeID: Identifier
    let seats: [String]
    let status: String
    let expiration: Timestamp?
    let reason: String?
    let conflicts: [String]?

    /// Nil for an event that is no change of a seat.
    init?(_ event: Event) {
        switch event.type {
        case SeatLocked.type: self.init(try? event.decode(SeatLocked.self))
        case SeatRejected.type: self.init(try? event.decode(SeatRejected.self))
        case SeatReleased.type: self.init(try? event.decode(SeatReleased.self))
        case SeatBooked.type: self.init(try? event.decode(SeatBooked.self))
        case SeatFreed.type: self.init(try? event.decode(SeatFreed.self))
        default: return nil
        }
    }

    private init?<Name>(_ change: SeatChange<Name>?) {
        guard let change else { return nil }
        requestID = change.requestID
        showtimeID = change.showtimeID
        seats = change.seats
        status = change.status
        expiration = change.expiration
        reason = change.reason
        conflicts = change.conflicts
    }

    enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case showtimeID = "showtime_id"
        case seats, status, expiration, reason, conflicts
    }

    /// Written by hand: one for every decision.
    private func json() -> [UInt8] {
        var object = FlatJSON()
        object.add("conflicts", conflicts)
        object.add("expiration", expiration)
        object.add("reason", reason)
        object.add("request_id", requestID)
        object.add("seats", seats)
        object.add("showtime_id", showtimeID)
        object.add("status", status)
        return object.finish()
    }

    /// Tells the streams of the showtime and of the booking.
    static func announce(_ event: Event, at position: EventPosition, in feed: LiveFeed<Identifier>) {
        guard let entry = LedgerEntry(event) else { return }
        let data = String(decoding: entry.json(), as: UTF8.self)
        feed.publish("seats", data, to: entry.showtimeID, at: position)
        feed.publish("seats", data, to: entry.requestID, at: position)
    }
}
