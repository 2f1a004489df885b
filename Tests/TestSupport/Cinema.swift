public import System

/// People and showtimes of a running stack.
public struct Cinema: Sendable {
    /// The stack it is in.
    public let stack: any Installation
    /// The id of the showtime.
    public let showtime: String

    /// The administrator makes a movie, a hall with rows of these letters (the first is cheaper) and a showtime, tomorrow
    /// unless another time is given.
    public init(
        _ stack: any Installation,
        rows: String = "AB",
        seats: Int = 10,
        startingAt start: Timestamp = WallClock.system.now.adding(seconds: 86_400)
    ) async throws {
        self.stack = stack
        let token = try await stack.administrator()
        let movie = try await stack.call(
            "POST",
            "/v1/movies",
            #"{"title":"Mắt Biếc","duration_minutes":117}"#,
            token: token,
            status: 201
        )
        let rows = rows.enumerated().map { index, row in
            #"{"row":"\#(row)","seats":\#(seats),"category":"\#(index == 0 ? "standard" : "vip")"}"#
        }
        let hall = try await stack.call(
            "POST",
            "/v1/halls",
            #"{"name":"Hall 1","rows":[\#(rows.joined(separator: ","))]}"#,
            token: token,
            status: 201
        )
        let created = try await stack.call(
            "POST",
            "/v1/showtimes",
            """
            {"movie_id":"\(try movie.text("id"))","hall_id":"\(try hall.text("id"))","starts_at":"\(start)",
             "prices":{"standard":90000,"vip":120000},"currency":"VND"}
            """,
            token: token,
            status: 201
        )
        showtime = try created.text("id")
    }

    /// A showtime that a stack has, such as one that was restored.
    public init(_ stack: RunningStack, showtime: String) {
        self.stack = stack
        self.showtime = showtime
    }

    /// Signs somebody up and logs them in.
    public func visitor(_ name: String) async throws -> Visitor {
        let email = "\(name)@example.com"
        let password = "correct horse battery \(name)"
        _ = try await stack.call(
            "POST",
            "/v1/users",
            #"{"email":"\#(email)","password":"\#(password)","display_name":"Person \#(name)"}"#,
            status: 201
        )
        return Visitor(cinema: self, token: try await stack.logIn(email, password: password))
    }

    /// Logs in somebody who has signed up.
    public func returning(_ name: String) async throws -> Visitor {
        let token = try await stack.logIn("\(name)@example.com", password: "correct horse battery \(name)")
        return Visitor(cinema: self, token: token)
    }

    /// The state of one seat as everybody sees it.
    public func seat(_ name: String) async throws -> String? {
        let list = try await stack.call("GET", "/v1/showtimes/\(showtime)/seats", status: 200)
        return list["items"].array.first { $0["seat"].string == name }?["state"].string
    }
}

/// Somebody who books.
public struct Visitor: Sendable {
    /// Where they book.
    public let cinema: Cinema
    /// Their access token.
    public let token: String

    /// Somebody with a token of theirs.
    public init(cinema: Cinema, token: String) {
        self.cinema = cinema
        self.token = token
    }

    private var stack: any Installation { cinema.stack }

    /// Asks for seats and waits for the decision.
    public func book(_ seats: String...) async throws -> Curl.Response {
        try await Curl.request(
            "POST",
            "\(stack.url)/v1/bookings",
            json: request(seats),
            token: token,
            headers: ["Prefer": "wait=10"]
        )
    }

    /// Asks for seats without waiting; the booking's id.
    public func request(_ seats: String...) async throws -> String {
        let answer = try await stack.call("POST", "/v1/bookings", request(seats), token: token, status: 202)
        return try answer.text("id")
    }

    /// Asks for seats without waiting, under an `Idempotency-Key`.
    public func request(_ seats: String..., key: String) async throws -> Curl.Response {
        try await Curl.request(
            "POST",
            "\(stack.url)/v1/bookings",
            json: request(seats),
            token: token,
            headers: ["Idempotency-Key": key]
        )
    }

    private func request(_ seats: [String]) -> String {
        let list = seats.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"showtime_id":"\#(cinema.showtime)","seats":[\#(list)]}"#
    }

    /// Pays by the sandbox provider; the outcome comes later.
    public func pay(_ booking: String) async throws {
        _ = try await stack.call(
            "POST",
            "/v1/bookings/\(booking)/payment",
            #"{"method":"sandbox"}"#,
            token: token,
            status: 202
        )
    }

    /// Waits until a booking has the state.
    public func expect(_ booking: String, is state: String, within seconds: Double = 20) async throws {
        try await eventually("booking \(booking) is \(state)", within: seconds) {
            let answer = try await Curl.request("GET", "\(stack.url)/v1/bookings/\(booking)", token: token)
            return answer.json["state"].string == state
        }
    }

    /// What the person was told so far.
    public func messages() async throws -> [String] {
        let list = try await stack.call("GET", "/v1/notifications", token: token, status: 200)
        return list["items"].array.compactMap { $0["message"].string }
    }
}
