import System
import TestSupport
import Testing

/// Whatever comes in is answered by a coded problem, never by 5xx, and changes no row of any table.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct BadInputTests {
    /// One request and what must come of it.
    private struct Case: CustomStringConvertible {
        var method = "POST"
        let path: String
        var body: String?
        var type = "application/json"
        let status: Int
        let code: String

        var description: String { "\(method) \(path) \(body?.prefix(200) ?? "")" }
    }

    /// The rows of every table, counted by Python's SQLite.
    private func counts(_ rig: BookingRig) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            for (name,) in sorted(base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")):
                if name.startswith("sqlite_"): continue
                print(name, base.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
            """
        return try await Command.python(program, [rig.data.appending("booking/booking.sqlite")]).output
    }

    private func check(_ cases: [Case], _ rig: BookingRig, _ service: ServiceProcess, as token: String) async throws {
        try await eventually("everything is sent and nothing is due") {
            let counts = try await counts(rig)
            return counts.contains("outbox 0\n") && counts.contains("sandbox_reports 0\n")
        }
        let before = try await counts(rig)
        #expect(before.contains("bookings 2\n"), "\(before)")
        for one in cases {
            let directory = try TemporaryDirectory()
            var headers = ["Content-Type": one.type]
            if one.type.isEmpty { headers = ["Content-Type;": ""] }
            var arguments = [
                "-sS", "-X", one.method, "-o", directory.appending("body"), "-w", "%{http_code} %{content_type}",
            ]
            for (name, value) in headers { arguments += ["-H", value.isEmpty ? name : "\(name): \(value)"] }
            arguments += ["-H", "Authorization: Bearer \(token)"]
            if let body = one.body { arguments += ["--data-binary", "@" + (try directory.write(body, to: "sent"))] }
            let result = try await Command.run("curl", arguments + [service.url + one.path], within: 20)
            let code = try JSON(parsing: directory.read("body"))["code"].string
            #expect(result.output == "\(one.status) application/problem+json", "\(one): \(directory.read("body"))")
            #expect(code == one.code, "\(one): \(directory.read("body"))")
        }
        #expect(try await counts(rig) == before)
    }

    @Test func `bad requests are refused by code and change nothing`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        let (an, binh) = (try rig.person(), try rig.person())
        let mine = try await service.lock(showtime, ["A1"], as: an)
        let other = try await service.lock(showtime, ["B1"], as: binh)
        let nowhere = Identifier.version7(at: WallClock.system.now).description
        var cases = bookings(showtime, nowhere)
        cases += payments(mine, other, nowhere)
        cases += paths(other, nowhere)
        cases += oddBodies(mine, showtime)
        try await check(cases, rig, service, as: an)
        let state = try await service.booking(mine, as: an)["state"].string
        #expect(state == "locked")
    }

    @Test func `bad requests of staff and admins are refused by code and change nothing`() async throws {
        let rig = try await BookingRig()
        let service = try await rig.service()
        let showtime = try await rig.showtime(service)
        for seat in ["A1", "A2"] { _ = try await service.lock(showtime, [seat], as: try rig.person()) }
        let movie = try await Curl.request("GET", service.url + "/v1/movies").json["items"][0]["id"].string ?? ""
        try await check(catalogue(movie), rig, service, as: rig.admin)
        let plain = try rig.person()
        for path in ["/v1/movies", "/v1/cinemas", "/v1/halls", "/v1/showtimes", "/v1/tickets/check-in"] {
            let refused = try await Curl.request("POST", service.url + path, json: "{}", token: plain)
            #expect(refused.status == 403 && refused.json["code"].string == "forbidden")
        }
    }

    private func bookings(_ showtime: String, _ nowhere: String) -> [Case] {
        let nine = (1...9).map { #""C\#($0)""# }.joined(separator: ",")
        let members: [(String, Int, String)] = [
            (#""seats":["A2"]"#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":"A2""#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":[1]"#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":null"#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":[]"#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":["A2","A2"]"#, 422, "invalid_request"),
            (#""showtime_id":"\#(showtime)","seats":["a2"]"#, 422, "unknown_seat"),
            (#""showtime_id":"\#(showtime)","seats":["A2,A3"]"#, 422, "unknown_seat"),
            (#""showtime_id":"\#(showtime)","seats":["A2'; DROP TABLE bookings; --"]"#, 422, "unknown_seat"),
            (#""showtime_id":"\#(showtime)","seats":[\#(nine)]"#, 403, "seat_limit_exceeded"),
            (#""showtime_id":"\#(showtime)","seats":["A2"],"amount":1"#, 422, "unknown_field"),
            (#""showtime_id":"\#(showtime)","seats":["A2"],"currency":"USD""#, 422, "unknown_field"),
            (#""showtime_id":"\#(showtime)","seats":["A2"],"user_id":"\#(nowhere)""#, 422, "unknown_field"),
            (#""showtime_id":"\#(nowhere)","seats":["A2"]"#, 404, "not_found"),
            (#""showtime_id":"x","seats":["A2"]"#, 422, "invalid_request"),
        ]
        return members.map { Case(path: "/v1/bookings", body: "{\($0.0)}", status: $0.1, code: $0.2) }
    }

    private func payments(_ mine: String, _ other: String, _ nowhere: String) -> [Case] {
        let path = "/v1/bookings/\(mine)/payment"
        var cases = [
            (#"{}"#, "invalid_request"), (#"{"method":"cash"}"#, "invalid_request"),
            (#"{"method":1}"#, "invalid_request"),
            (#"{"method":"sandbox","amount":1}"#, "unknown_field"),
            (#"{"method":"sandbox","sandbox":{"outcome":"explode"}}"#, "invalid_request"),
            (#"{"method":"sandbox","sandbox":{"delay_ms":-1}}"#, "invalid_request"),
            (#"{"method":"sandbox","sandbox":{"delay_ms":99999999999999999999}}"#, "invalid_request"),
            (#"{"method":"sandbox","sandbox":{"copies":0}}"#, "invalid_request"),
            (#"{"method":"sandbox","sandbox":{"copies":1e9}}"#, "invalid_request"),
        ].map { Case(path: path, body: $0.0, status: 422, code: $0.1) }
        for id in [other, nowhere, "x", "%25"] {
            let strange = "/v1/bookings/\(id)/payment"
            cases.append(Case(path: strange, body: #"{"method":"sandbox"}"#, status: 404, code: "not_found"))
        }
        return cases
    }

    private func paths(_ other: String, _ nowhere: String) -> [Case] {
        var cases: [Case] = []
        for id in [other, nowhere, "x", "..%252f"] {
            for action in ["cancel", "transfer"] {
                cases.append(Case(path: "/v1/bookings/\(id)/\(action)", status: 404, code: "not_found"))
            }
            for action in ["", "/tickets", "/tickets/B1/qr.svg", "/stream"] {
                let path = "/v1/bookings/\(id)\(action)"
                cases.append(Case(method: "GET", path: path, status: 404, code: "not_found"))
            }
        }
        for path in ["movies/x", "showtimes/x", "showtimes/\(nowhere)/seats", "showtimes/\(nowhere)/stream"] {
            cases.append(Case(method: "GET", path: "/v1/\(path)", status: 404, code: "not_found"))
        }
        for (query, code) in [
            ("limit=0", "invalid_request"), ("limit=x", "invalid_request"), ("cursor=zzz", "invalid_cursor"),
            ("date=2025-13-45", "invalid_request"), ("movie_id=x", "invalid_request"),
        ] { cases.append(Case(method: "GET", path: "/v1/showtimes?\(query)", status: 422, code: code)) }
        for id in ["%00", "..%2f..%2fetc", "%zz"] {
            cases.append(Case(path: "/v1/bookings/\(id)/cancel", status: 400, code: "malformed_request"))
        }
        cases.append(Case(method: "DELETE", path: "/v1/bookings", status: 405, code: "method_not_allowed"))
        cases.append(Case(method: "GET", path: "/v1/nothing", status: 404, code: "route_not_found"))
        return cases
    }

    private func oddBodies(_ mine: String, _ showtime: String) -> [Case] {
        let good = #"{"showtime_id":"\#(showtime)","seats":["A2"]}"#
        let deep = String(repeating: "[", count: 20_000)
        let large = #"{"showtime_id":"\#(showtime)","seats":["\#(String(repeating: "A", count: 70_000))"]}"#
        var cases: [Case] = []
        for path in ["/v1/bookings", "/v1/bookings/\(mine)/payment", "/v1/tickets/claim"] {
            cases += [
                Case(path: path, body: "{", status: 400, code: "malformed_json"),
                Case(path: path, body: "\u{1}", status: 400, code: "malformed_json"),
                Case(path: path, body: deep, status: 400, code: "malformed_json"),
                Case(path: path, body: "[]", status: 422, code: "invalid_request"),
                Case(path: path, body: "null", status: 422, code: "invalid_request"),
                Case(path: path, body: large, status: 413, code: "payload_too_large"),
                Case(path: path, body: good, type: "text/plain", status: 415, code: "unsupported_media_type"),
                Case(path: path, body: good, type: "multipart/form-data", status: 415, code: "unsupported_media_type"),
            ]
        }
        cases.append(Case(path: "/v1/bookings", body: good, type: "", status: 415, code: "unsupported_media_type"))
        cases.append(Case(path: "/v1/tickets/claim", body: #"{"code":"x"}"#, status: 422, code: "invalid_request"))
        cases.append(Case(path: "/v1/payments/webhook", body: good, status: 401, code: "invalid_signature"))
        return cases
    }

    private func catalogue(_ movie: String) -> [Case] {
        let bodies: [(String, String, String)] = [
            ("movies", #"{"title":"","duration_minutes":1}"#, "invalid_request"),
            ("movies", #"{"title":"x","duration_minutes":0}"#, "invalid_request"),
            ("movies", #"{"title":"x","duration_minutes":1,"rating":5}"#, "unknown_field"),
            ("cinemas", #"{"name":"x","time_zone":"Mars/Base"}"#, "invalid_request"),
            ("cinemas", #"{"name":"x","time_zone":"../../etc/passwd"}"#, "invalid_request"),
            ("halls", #"{"name":"x","rows":[]}"#, "invalid_request"),
            ("halls", #"{"name":"x","rows":[{"row":"a","seats":1,"category":"c"}]}"#, "invalid_request"),
            ("halls", #"{"name":"x","rows":[{"row":"A","seats":61,"category":"c"}]}"#, "invalid_request"),
            (
                "halls", #"{"name":"x","cinema_id":"\#(movie)","rows":[{"row":"A","seats":1,"category":"c"}]}"#,
                "invalid_request"
            ),
            (
                "showtimes",
                #"{"movie_id":"\#(movie)","hall_id":"\#(movie)","starts_at":"2099-01-01T00:00:00Z","prices":{},"currency":"VND"}"#,
                "invalid_request"
            ),
            (
                "showtimes",
                #"{"movie_id":"\#(movie)","hall_id":"\#(movie)","starts_at":"tomorrow","prices":{},"currency":"VND"}"#,
                "invalid_request"
            ),
            ("tickets/check-in", #"{"code":1}"#, "invalid_request"),
            ("tickets/check-in", #"{"code":"a.b.c.d"}"#, "invalid_request"),
        ]
        return bodies.map { Case(path: "/v1/\($0.0)", body: $0.1, status: 422, code: $0.2) }
    }
}
