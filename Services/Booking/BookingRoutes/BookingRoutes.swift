import Contracts
import EventBus
import HTTPCore
import HTTPTransport
import Persistence
import Reactor
import Security
import ServiceKit
import System
import Telemetry

/// Requests for seats and what becomes of them: `/v1/bookings`.
struct BookingRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock
    let rules: SeatDecision.Rules
    let changes: Changes<Booking>
    let calls: DueWork
    let feed: LiveFeed<Identifier>
    let catalogue: CatalogueCache

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.post("/v1/bookings", tokens.user(request))
        router.get("/v1/bookings", tokens.user(list))
        router.get("/v1/bookings/:id", tokens.user(show))
        router.get("/v1/bookings/:id/stream", tokens.user(stream))
        router.post("/v1/bookings/:id/cancel", tokens.user(cancel))
    }

    /// Stores the request and answers 202; the consumer of the partition decides it. With `Prefer: wait` the call waits
    /// for the decision: 201, or why not.
    @Sendable private func request(_ request: Request, _ user: AccessToken) async throws -> Response {
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(
            NewBooking.self,
            from: bytes,
            contentType: request.headerFields[.contentType] ?? ""
        )
        let now = clock.now
        let traceparent = TraceContext.current?.traceparent
        // Checked and encoded before the write, which holds up all others; thrown in it, for a repeat gets its first answer.
        let id = Identifier.version7(at: now)
        let prepared = await prepare(id, body, for: user.userID, at: now, traceparent: traceparent)
        let watch = Preference.wait(request.headerFields) ?? 0 > 0 ? changes.watch(id) : nil
        let stored = try await request.idempotent(
            scope: user.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            try transaction.connection.checkStanding(of: user.userID)
            let (booking, event, answer) = try prepared.get()
            try transaction.insert(booking)
            try transaction.publish(event)
            return answer
        }
        guard let watch else { return stored }
        return try await decided(stored, watch, request)
    }

    /// The booking that a request makes, its event and the answer; the catalogue that it is checked against never changes.
    private func prepare(
        _ id: Identifier,
        _ body: NewBooking,
        for user: Identifier,
        at now: Timestamp,
        traceparent: String?
    ) async -> Result<(Booking, Event, StoredResponse), any Error> {
        do {
            let (showtime, amount) = try await body.check(against: catalogue, rules: rules, now: now)
            let booking = Booking(
                id: id,
                userID: user,
                showtime: showtime,
                seats: body.seats,
                amount: amount,
                at: now
            )
            let request = TicketRequested(booking, showtime: showtime)
            let event = try Event(request, id: .version7(at: now), at: now, traceparent: traceparent)
            let location = OutboxHeader("Location", text: "/v1/bookings/\(id)")
            let type = OutboxHeader("Content-Type", text: "application/json")
            let answer = StoredResponse(status: 202, headers: [type, location], body: BookingView(booking).json())
            return .success((booking, event, answer))
        } catch {
            return .failure(error)
        }
    }

    private func decided(
        _ stored: Response,
        _ watch: Changes<Booking>.Watch,
        _ request: Request
    ) async throws -> Response {
        let seconds = Preference.wait(request.headerFields) ?? 0
        guard let location = stored.headerFields[.location], let id = Identifier(location.suffix(36)) else {
            return stored
        }
        let database = database
        // A repeat gets the answer about the booking that was made first.
        let isNew = id == watch.id
        let booking = try await changes.wait(
            isNew ? watch : changes.watch(id),
            isNew: isNew,
            on: request.loop,
            until: .after(.seconds(seconds)),
            isDecided: \.state.isDecided
        ) { try await database.read { try $0.booking(id) } }
        guard let booking, booking.state.isDecided else { return stored }
        if booking.state == .rejected { throw Problem(rejectionOf: booking) }
        let fields: HTTPFields = [
            .location: location, .preferenceApplied: "wait=\(seconds)", .contentType: "application/json",
        ]
        return Response(.created, fields, body: .bytes(BookingView(booking).json()))
    }

    @Sendable private func list(_ request: Request, _ user: AccessToken) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "bookings \(user.userID)")
        let last = page.after?.first.flatMap { Identifier($0) }
        let bookings = try await database.read { connection in
            try connection.bookings(of: user.userID, before: last, limit: page.limit + 1)
        }
        return try .page(page.page(bookings.map(BookingView.init)) { [$0.id.description] }, of: request)
    }

    @Sendable private func show(_ request: Request, _ user: AccessToken) async throws -> Response {
        let booking = try await database.ownBooking(try request.identifier("id"), of: user)
        return try request.conditional(EntityTag("\(booking.version)")) { try .json(BookingView(booking)) }
    }

    /// The booking as it is and as it becomes, and each entry of the ledger about it. It ends when the booking goes to
    /// another person.
    @Sendable private func stream(_ request: Request, _ user: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let (database, changes) = (database, changes)
        _ = try await database.ownBooking(id, of: user)
        return feed.response(
            to: request,
            key: id,
            beside: { stream in
                var sent: Int64 = 0
                try await changes.follow(id) {
                    let booking = try await database.read { try $0.booking(id) }
                    guard let booking, booking.userID == user.userID else { return false }
                    guard booking.version > sent else { return true }
                    sent = booking.version
                    stream.send(ServerSentEvent(event: "booking", data: try JSONText.encode(BookingView(booking))))
                    return true
                }
            },
            whileGood: user,
            in: tokens.revocations
        )
    }

    @Sendable private func cancel(_ request: Request, _ user: AccessToken) async throws -> Response {
        let id = try request.identifier("id")
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let now = clock.now
        let (changes, calls) = (changes, calls)
        return try await request.idempotent(
            scope: user.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            let connection = transaction.connection
            let booking = try connection.ownBooking(id, of: user)
            guard try connection.mayCancel(booking, at: now), try transaction.cancel(booking, at: now) else {
                throw Problem(.bookingNotCancellable, "the booking is \(booking.state.rawValue)")
            }
            transaction.afterCommit {
                changes.announce(id)
                calls.wake()
            }
            guard let cancelled = try connection.booking(id) else { throw Problem(.notFound) }
            return try .json(BookingView(cancelled), status: 202)
        }
    }
}

extension TicketRequested {
    fileprivate init(_ booking: Booking, showtime: Showtime) {
        self.init(
            requestID: booking.id,
            userID: booking.userID,
            movieID: booking.movieID,
            showtimeID: booking.showtimeID,
            showtime: showtime.localTime,
            seats: booking.seats,
            timestamp: booking.createdAt
        )
    }
}

extension Problem {
    /// Why a booking got no seats.
    fileprivate init(rejectionOf booking: Booking) {
        switch booking.reason.flatMap(SeatDecision.Rejection.init) {
        case .seatsTaken: self.init(.seatsTaken, extensions: ["conflicts": booking.conflicts])
        case .seatLimitExceeded: self.init(.seatLimitExceeded)
        case .userBanned: self.init(.userBanned)
        case .showtimeStarted: self.init(.conflict, "the film has begun")
        case .cancelled, nil: self.init(.conflict, "the request was cancelled")
        }
    }
}
