import Contracts
import Persistence
import Security
import ServiceKit
import System

extension Connection {
    /// The user's booking; another's is not found, like one that does not exist.
    func ownBooking(_ id: Identifier, of user: AccessToken) throws -> Booking {
        guard let booking = try booking(id), booking.userID == user.userID else { throw Problem(.notFound) }
        return booking
    }

    /// Requests and locks at any time; tickets until the film begins or somebody has entered.
    func mayCancel(_ booking: Booking, at now: Timestamp) throws -> Bool {
        switch booking.state {
        case .requested, .locked: return true
        case .booked:
            guard let showtime = try showtime(booking.showtimeID), now < showtime.startsAt else { return false }
            return try !hasCheckedIn(booking.id)
        default: return false
        }
    }
}

extension Database {
    /// See ``Connection/ownBooking(_:of:)``.
    func ownBooking(_ id: Identifier, of user: AccessToken) async throws -> Booking {
        try await read { try $0.ownBooking(id, of: user) }
    }
}
