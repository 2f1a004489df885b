import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Tickets: shown to their owner, checked in by staff.
struct TicketRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let key: SigningKey

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.get("/v1/bookings/:id/tickets", tokens.user(list))
        router.get("/v1/bookings/:id/tickets/:seat/qr.svg", tokens.user(code))
        router.post("/v1/tickets/check-in", tokens.role(.staff, handler: checkIn))
    }

    @Sendable private func list(_ request: Request, _ user: AccessToken) async throws -> Response {
        let booking = try await database.ownBooking(try request.identifier("id"), of: user)
        let seats = booking.state == .booked ? booking.seats : []
        let views = try seats.map { seat in
            TicketView(
                seat: seat,
                code: try Ticket(of: booking, seat: seat).code(signedBy: key),
                qrURL: "/v1/bookings/\(booking.id)/tickets/\(seat)/qr.svg"
            )
        }
        return try .json(Page(items: views, nextCursor: nil))
    }

    @Sendable private func code(_ request: Request, _ user: AccessToken) async throws -> Response {
        let booking = try await database.ownBooking(try request.identifier("id"), of: user)
        guard booking.state == .booked, let seat = request.parameters["seat"], booking.seats.contains(seat),
            let svg = TicketQR.svg(of: try Ticket(of: booking, seat: seat).code(signedBy: key))
        else { throw Problem(.notFound) }
        return Response(.ok, [.contentType: "image/svg+xml", .cacheControl: "private"], body: .bytes(Array(svg.utf8)))
    }

    @Sendable private func checkIn(_ request: Request, _ staff: AccessToken) async throws -> Response {
        let body = try await request.json(CheckIn.self)
        guard let ticket = Ticket(code: body.code, signedBy: key.verifyingKey) else {
            throw Problem.invalid("/code", "no ticket of ours")
        }
        let now = clock.now
        let booking = try await database.write { transaction in
            let connection = transaction.connection
            guard let booking = try connection.booking(ticket.bookingID), booking.state == .booked,
                try connection.hasTicket(ticket)
            else { throw Problem(.conflict, "the booking was cancelled") }
            guard booking.transfers == ticket.transfers else {
                throw Problem(.conflict, "the ticket went to another person")
            }
            guard try transaction.checkIn(ticket, at: now) else { throw Problem(.ticketUsed) }
            try transaction.publish(counting: TicketCheckedIn(booking, seats: [ticket.seat], at: now), at: now)
            return booking
        }
        return try .json(CheckedInView(bookingID: booking.id, showtimeID: booking.showtimeID, seat: ticket.seat))
    }
}

/// What a check-in answers.
private struct CheckedInView: Encodable {
    let bookingID: Identifier
    let showtimeID: Identifier
    let seat: String

    enum CodingKeys: String, CodingKey {
        case bookingID = "booking_id"
        case showtimeID = "showtime_id"
        case seat
    }
}
