import System
import TestSupport
import Testing

/// A broker and the service, with a film, a hall of two rows and a showtime.
final class BookingRig: Sendable {
    let broker: ServiceProcess
    let data: TemporaryDirectory
    let mint: TokenMint
    let admin: String
    private let environment: [String: String]

    init(lockSeconds: Int = 300, environment more: [String: String] = [:]) async throws {
        broker = try ServiceProcess("broker")
        data = try TemporaryDirectory()
        mint = try TokenMint()
        try mint.trust(in: data, by: "booking")
        admin = try mint.token(for: .version7(at: WallClock.system.now), roles: ["admin"])
        let port = broker.port
        try await eventually("the broker listens") { PortProbe.accepts(port, timeoutMilliseconds: 200) }
        environment = [
            "DATA_DIR": data.path, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(port)",
            "SEAT_LOCK_SECONDS": String(lockSeconds), "PORT": String(try PortProbe.freePort()),
        ].merging(more) { $1 }
    }

    /// Starts the service on the rig's data and port and waits until it is ready; on another broker when one is given.
    func service(_ arguments: [String] = [], on broker: ServiceProcess? = nil) async throws -> ServiceProcess {
        let service = try start(arguments, on: broker)
        try await service.waitUntilReady(within: 30)
        return service
    }

    /// Starts the service, however that ends.
    func start(_ arguments: [String], on broker: ServiceProcess? = nil) throws -> ServiceProcess {
        var variables = environment
        if let broker { variables["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:\(broker.port)" }
        return try ServiceProcess("booking", arguments: arguments, environment: variables)
    }

    /// A showtime in a new hall, next year unless said; seats A1 to A8 (standard) and B1 to B8 (vip) unless said.
    func showtime(
        _ service: ServiceProcess,
        rows: String = #"[{"row":"A","seats":8,"category":"standard"},{"row":"B","seats":8,"category":"vip"}]"#,
        prices: String = #"{"standard":90000,"vip":120000}"#,
        startsAt: String? = nil
    ) async throws -> String {
        let movie = try await post(service, "/v1/movies", #"{"title":"Mắt biếc","duration_minutes":117}"#)
        let hall = try await post(service, "/v1/halls", #"{"name":"Hall","rows":\#(rows)}"#)
        let year = Int(WallClock.system.now.description.prefix(4)).map { $0 + 1 } ?? 2099
        let start = startsAt ?? "\(year)-03-20T12:00:00Z"
        return try await post(
            service,
            "/v1/showtimes",
            """
            {"movie_id":"\(movie)","hall_id":"\(hall)","starts_at":"\(start)","prices":\(prices),"currency":"VND"}
            """
        )
    }

    private func post(_ service: ServiceProcess, _ path: String, _ json: String) async throws -> String {
        let answer = try await Curl.request("POST", service.url + path, json: json, token: admin)
        try #require(answer.status == 201, "\(answer.body)")
        return try #require(answer.json["id"].string)
    }

    /// The values of a topic's records so far, read by kcat.
    func records(of topic: String) async throws -> [JSON] {
        let arguments = ["-b", "127.0.0.1:\(broker.port)", "-t", topic, "-C", "-e", "-q", "-o", "beginning"]
        let result = try await Command.run("kcat", arguments, within: 20)
        return try result.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    func person() throws -> String {
        try mint.token(for: .version7(at: WallClock.system.now))
    }
}

extension ServiceProcess {
    /// Asks for seats and waits for the decision.
    func book(_ showtime: String, _ seats: [String], as token: String) async throws -> Curl.Response {
        let list = seats.map { "\"\($0)\"" }.joined(separator: ",")
        return try await Curl.request(
            "POST",
            url + "/v1/bookings",
            json: #"{"showtime_id":"\#(showtime)","seats":[\#(list)]}"#,
            token: token,
            headers: ["Prefer": "wait=10"]
        )
    }

    /// Asks for seats that must be free; the booking's id.
    func lock(_ showtime: String, _ seats: [String], as token: String) async throws -> String {
        let answer = try await book(showtime, seats, as: token)
        try #require(answer.status == 201, "\(answer.body)")
        return try #require(answer.json["id"].string)
    }

    /// Pays by the sandbox, which behaves as `options` say.
    func pay(_ booking: String, _ options: String = "{}", as token: String) async throws -> Curl.Response {
        try await Curl.request(
            "POST",
            "\(url)/v1/bookings/\(booking)/payment",
            json: #"{"method":"sandbox","sandbox":\#(options)}"#,
            token: token
        )
    }

    func booking(_ id: String, as token: String) async throws -> JSON {
        try await Curl.request("GET", "\(url)/v1/bookings/\(id)", token: token).json
    }

    /// Waits until a booking is in a state.
    func wait(_ id: String, for state: String, as token: String, within seconds: Double = 10) async throws {
        try await eventually("booking \(id) is \(state)", within: seconds) {
            try await self.booking(id, as: token)["state"].string == state
        }
    }

    /// The states of a showtime's seats that are not available.
    func taken(_ showtime: String) async throws -> [String: String] {
        let seats = try await Curl.request("GET", "\(url)/v1/showtimes/\(showtime)/seats").json["items"].array
        return seats.reduce(into: [:]) { taken, seat in
            guard let name = seat["seat"].string, let state = seat["state"].string, state != "available" else { return }
            taken[name] = state
        }
    }

    /// The audit of a showtime: it must find nothing wrong, and as many entries once all that is decided is in the log.
    @discardableResult
    func audit(_ showtime: String, of entries: Int? = nil, as admin: String) async throws -> JSON {
        try await eventually("the ledger has \(entries.map(String.init) ?? "its") entries") {
            let address = "\(url)/v1/admin/showtimes/\(showtime)/audit"
            let audit = try await Curl.request("GET", address, token: admin).json
            #expect(audit["violations"].array.isEmpty, "\(audit)")
            return entries == nil || audit["entries"].int == entries ? audit : nil
        }
    }
}
