import Contracts
import EventBus
import Persistence
import ServiceKit
import System

/// `POST /v1/bookings`.
struct NewBooking: FlatBody, Sendable {
    let showtimeID: Identifier
    let seats: [String]

    init?(flat object: FlatJSONReader) {
        guard object.count == 2, let showtimeID = object.id("showtime_id"), let seats = object.texts("seats") else {
            return nil
        }
        (self.showtimeID, self.seats) = (showtimeID, seats)
    }

    /// The showtime and what the seats cost. Throws 404 for an unknown showtime, 403 for too many seats, 422 for unknown
    /// or repeated ones, 409 once the film has begun.
    func check(
        against catalogue: CatalogueCache,
        rules: SeatDecision.Rules,
        now: Timestamp
    ) async throws -> (showtime: Showtime, amount: Int64) {
        guard !seats.isEmpty else { throw Problem.invalid("/seats", "at least one seat") }
        guard seats.count <= rules.maximumSeatsPerUser else {
            throw Problem(.seatLimitExceeded, "at most \(rules.maximumSeatsPerUser) seats")
        }
        guard Set(seats).count == seats.count else { throw Problem.invalid("/seats", "each seat once") }
        guard let showtime = try await catalogue.showtime(showtimeID) else {
            throw Problem(.notFound, "no such showtime")
        }
        guard now < showtime.startsAt else { throw Problem(.conflict, "the film has begun") }
        let known = try await catalogue.seats(seats, of: showtime.hallID)
        let unknown = seats.indices.filter { known[seats[$0]] == nil }
        guard unknown.isEmpty else {
            throw Problem(
                .unknownSeat,
                errors: unknown.map {
                    Problem.FieldError(
                        pointer: "/seats/\($0)",
                        code: "unknown_seat",
                        detail: "the hall has no such seat"
                    )
                }
            )
        }
        guard let amount = showtime.amount(of: seats.compactMap { known[$0] }) else {
            throw Problem(.unknownSeat, "a seat has no price")
        }
        return (showtime, amount)
    }

    enum CodingKeys: String, CodingKey {
        case showtimeID = "showtime_id"
        case seats
    }
}

/// `POST /v1/bookings/{id}/payment`.
struct NewPayment: Decodable, Sendable {
    let method: String
    let sandbox: SandboxProvider.Options?

    func check(providers: some Collection<String>) throws(Problem) {
        guard providers.contains(method) else {
            throw .invalid("/method", "one of \(providers.sorted().joined(separator: ", "))")
        }
        guard let sandbox else { return }
        guard (0...SandboxProvider.Options.maximumDelayMilliseconds).contains(sandbox.delayMilliseconds) else {
            throw .invalid("/sandbox/delay_ms", "0 to \(SandboxProvider.Options.maximumDelayMilliseconds)")
        }
        guard (1...SandboxProvider.Options.maximumCopies).contains(sandbox.copies) else {
            throw .invalid("/sandbox/copies", "1 to \(SandboxProvider.Options.maximumCopies)")
        }
    }
}

/// `POST /v1/tickets/check-in`.
struct CheckIn: Decodable, Sendable {
    let code: String
}
