import Contracts
import HTTPCore
import HTTPTransport
import Persistence
import Security
import ServiceKit
import System

/// Films, houses, halls and showtimes: read by everybody, made by admins.
struct CatalogueRoutes: Sendable {
    let database: Database
    let tokens: TokenChecker
    let clock: WallClock

    /// Puts the routes in a router.
    func add(to router: inout Router) {
        router.get("/v1/movies", movies)
        router.get("/v1/movies/:id", movie)
        router.get("/v1/showtimes", showtimes)
        router.get("/v1/showtimes/:id", showtime)
        router.post("/v1/movies", tokens.role(.admin, handler: addMovie))
        router.post("/v1/cinemas", tokens.role(.admin, handler: addCinema))
        router.post("/v1/halls", tokens.role(.admin, handler: addHall))
        router.post("/v1/showtimes", tokens.role(.admin, handler: addShowtime))
    }

    @Sendable private func movies(_ request: Request) async throws -> Response {
        let page = try PageRequest(try request.query(), filter: "movies")
        let last = page.after?.first.flatMap { Identifier($0) }
        let movies = try await database.read { try $0.movies(after: last, limit: page.limit + 1) }
        return try .page(page.page(movies.map(MovieView.init)) { [$0.id.description] }, of: request)
    }

    @Sendable private func movie(_ request: Request) async throws -> Response {
        let id = try request.identifier("id")
        guard let movie = try await database.read({ try $0.movie(id) }) else { throw Problem(.notFound) }
        return try .json(MovieView(movie))
    }

    @Sendable private func showtimes(_ request: Request) async throws -> Response {
        let filter = try ShowtimeFilter(movie: request.query("movie_id"), date: request.query("date"))
        let page = try PageRequest(try request.query(), filter: "showtimes \(filter)")
        var last: ShowtimeKey?
        if let key = page.after {
            guard key.count == 2, let start = Int64(key[0]), let id = Identifier(key[1]) else {
                throw Problem(.invalidCursor)
            }
            last = ShowtimeKey(startsAt: Timestamp(milliseconds: start), id: id)
        }
        let (limit, key) = (page.limit + 1, last)
        let showtimes = try await database.read { try $0.showtimes(filter, after: key, limit: limit) }
        let views = page.page(showtimes.map(ShowtimeView.init)) { view in
            [String(view.startsAt.milliseconds), view.id.description]
        }
        return try .page(views, of: request)
    }

    @Sendable private func showtime(_ request: Request) async throws -> Response {
        let id = try request.identifier("id")
        guard let showtime = try await database.read({ try $0.showtime(id) }) else { throw Problem(.notFound) }
        return try .json(ShowtimeView(showtime))
    }

    @Sendable private func addMovie(_ request: Request, _ admin: AccessToken) async throws -> Response {
        try await add(NewMovie.self, request, admin, at: "movies") { body, transaction, now in
            let movie = try body.movie(at: now)
            try transaction.insert(movie)
            return (movie.id, MovieView(movie))
        }
    }

    @Sendable private func addCinema(_ request: Request, _ admin: AccessToken) async throws -> Response {
        try await add(NewCinema.self, request, admin, at: "cinemas") { body, transaction, now in
            let cinema = try body.cinema(at: now)
            try transaction.insert(cinema)
            return (cinema.id, CinemaView(cinema))
        }
    }

    @Sendable private func addHall(_ request: Request, _ admin: AccessToken) async throws -> Response {
        try await add(NewHall.self, request, admin, at: "halls") { body, transaction, now in
            let hall = try body.hall(at: now)
            guard try transaction.connection.cinema(hall.cinemaID) != nil else {
                throw Problem.invalid("/cinema_id", "no such cinema")
            }
            try transaction.insert(hall)
            return (hall.id, HallView(hall))
        }
    }

    @Sendable private func addShowtime(_ request: Request, _ admin: AccessToken) async throws -> Response {
        try await add(NewShowtime.self, request, admin, at: "showtimes") { body, transaction, now in
            let connection = transaction.connection
            guard try connection.movie(body.movieID) != nil else { throw Problem.invalid("/movie_id", "no such film") }
            guard let hall = try connection.hall(body.hallID), let cinema = try connection.cinema(hall.cinemaID) else {
                throw Problem.invalid("/hall_id", "no such hall")
            }
            let showtime = try body.showtime(hall: hall, zone: TimeZoneRules(cinema.timeZone), at: now)
            try transaction.insert(showtime)
            return (showtime.id, ShowtimeView(showtime))
        }
    }

    /// Reads a body, stores what it makes, once for its Idempotency-Key, and answers 201.
    private func add<Body: Decodable & Sendable, View: Encodable & SendableMetatype>(
        _ type: Body.Type,
        _ request: Request,
        _ admin: AccessToken,
        at collection: String,
        _ store: @escaping @Sendable (Body, borrowing Transaction, Timestamp) throws -> (Identifier, View)
    ) async throws -> Response {
        let bytes = try await request.body.collect(upTo: JSONBody.sizeLimit)
        let body = try JSONBody.decode(type, from: bytes, contentType: request.headerFields[.contentType] ?? "")
        let now = clock.now
        return try await request.idempotent(
            scope: admin.userID.description,
            body: bytes,
            database: database,
            clock: clock
        ) { transaction in
            let (id, view) = try store(body, transaction, now)
            let location = OutboxHeader("Location", text: "/v1/\(collection)/\(id)")
            return try .json(view, status: 201, headers: [location])
        }
    }
}

extension ShowtimeFilter {
    fileprivate init(movie: String?, date: String?) throws(Problem) {
        var movieID: Identifier?
        if let movie {
            guard let id = Identifier(movie) else { throw .invalid("movie_id", "a UUID") }
            movieID = id
        }
        if let date, Timestamp(rfc3339: date + "T00:00:00Z") == nil { throw .invalid("date", "YYYY-MM-DD") }
        switch (movieID, date) {
        case (nil, nil): self = .all
        case (let movie?, nil): self = .movie(movie)
        case (nil, let date?): self = .date(date)
        case (let movie?, let date?): self = .movieOnDate(movie, date)
        }
    }
}
