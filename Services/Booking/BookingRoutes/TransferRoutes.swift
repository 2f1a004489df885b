import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Tickets that go to another person: offered by their owner, taken by whoever brings the offer's code. Money stays with
/// who paid.
struct TransferRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let key: SigningKey
    let rules: SeatDecision.Rules
    let changes: Changes<Booking>

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.post("/v1/bookings/:id/transfer", tokens.user(offer))
        router.post("/v1/tickets/claim", tokens.user(claim))
    }

    /// Nothing is stored: an offer is worth what its signature says until the booking changes hands.
    @Sendable private func offer(_ request: Request, _ user: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let now = clock.now
        let booking = try await database.read { connection in
            let booking = try connection.ownBooking(id, of: user)
            try connection.checkTransferable(booking, at: now)
            return booking
        }
        let offer = TransferOffer(of: booking, at: now)
        return try .json(OfferView(code: offer.code(signedBy: key), expiresAt: offer.expiresAt), status: .created)
    }

    @Sendable private func claim(_ request: Request, _ user: AccessToken) async throws -> Response {
        let body = try await request.json(Claim.self)
        guard let offer = TransferOffer(code: body.code, signedBy: key.verifyingKey) else {
            throw Problem.invalid("/code", "no offer of ours")
        }
        let (now, rules, changes) = (clock.now, rules, changes)
        let booking = try await database.write { transaction in
            transaction.afterCommit { changes.announce(offer.bookingID) }
            return try transaction.claim(offer, by: user.userID, rules: rules, at: now)
        }
        return try .json(BookingView(booking))
    }

    private struct Claim: Decodable {
        let code: String
    }

    private struct OfferView: Encodable {
        let code: String
        let expiresAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case expiresAt = "expires_at"
            case code
        }
    }
}

extension Connection {
    /// Refuses what has no tickets, was entered with, or whose film has begun.
    fileprivate func checkTransferable(_ booking: Booking, at now: Timestamp) throws {
        guard booking.state == .booked, let showtime = try showtime(booking.showtimeID), now < showtime.startsAt,
            try !hasCheckedIn(booking.id)
        else { throw Problem(.conflict, "the booking has no tickets that can go to another person") }
    }
}

extension Transaction {
    /// Gives the booking of an offer to a person, whose limit of seats counts as for a request of their own.
    fileprivate borrowing func claim(
        _ offer: TransferOffer,
        by user: Identifier,
        rules: SeatDecision.Rules,
        at now: Timestamp
    ) throws -> Booking {
        try connection.checkStanding(of: user)
        guard now < offer.expiresAt, let booking = try connection.booking(offer.bookingID),
            booking.transfers == offer.transfers, booking.userID != user,
            let showtime = try connection.showtime(booking.showtimeID)
        else { throw Problem(.conflict, "the offer holds no longer, or is one's own") }
        try connection.checkTransferable(booking, at: now)
        let holds = try connection.holds(of: booking.showtimeID, on: booking.seats, or: user)
        let held = holds.count { $0.userID == user && !$0.isExpired(at: now) }
        guard held + booking.seats.count <= rules.maximumSeatsPerUser else { throw Problem(.seatLimitExceeded) }
        guard try transfer(booking, to: user), let taken = try connection.booking(booking.id) else {
            throw Problem(.conflict, "the offer holds no longer")
        }
        try publish(TicketTransferred(taken, at: now), at: now)
        try tell(.transferred, about: booking, showtime: showtime, at: now)
        try tell(.received, about: taken, showtime: showtime, at: now)
        return taken
    }
}
