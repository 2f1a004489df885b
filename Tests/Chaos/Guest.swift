import System
import TestSupport

/// Somebody who signed up, as others know them.
struct Acquaintance: Sendable {
    let user: String
    /// A picture that they show.
    var picture: String?
}

/// Somebody who signs up, logs in twice, books, pays, cancels or lets go, shows a picture, likes and comments, talks, and logs
/// out of one session. All that the system says yes to goes into the journal.
struct Guest {
    let client: Client
    let name: String
    let showtimes: [String]
    var random: SeededGenerator
    private(set) var user = ""
    /// Access tokens of two sessions.
    private(set) var tokens: [String] = []
    private var refreshToken = ""

    private var email: String { "\(name)@example.com" }
    private var password: String { "correct horse battery \(name)" }
    var journal: Journal { client.journal }

    init(_ client: Client, name: String, showtimes: [String], random: SeededGenerator) {
        self.client = client
        self.name = name
        self.showtimes = showtimes
        self.random = random
    }

    /// A whole life, at whose end others know them; some mute `acquaintance`, others talk to them.
    mutating func live(acquaintance: Acquaintance?) async throws -> Acquaintance {
        try await signUp()
        for session in 0..<2 { try await logIn(session) }
        if let other = acquaintance?.user, random.chance(30) {
            _ = try await client.send("PUT", "/v1/users/me/mutes/\(other)", token: tokens[0], expect: [204])
            journal.note("muted", ["user": user, "target": other])
        }
        if let other = acquaintance?.user, random.chance(60) { try await talk(to: other) }
        if let picture = acquaintance?.picture { try await praise(picture) }
        for _ in 0..<Int.random(in: 1...3, using: &random) { try await book() }
        var known = Acquaintance(user: user)
        if random.chance(50) {
            known.picture = try await upload()
            if let picture = known.picture { try await praise(picture) }
        }
        if random.chance(50) { try await refresh() }
        if random.chance(50) { try await readSomething() }
        if random.chance(50) { try await logOut() }
        return known
    }

    private mutating func signUp() async throws {
        let body = #"{"email":"\#(email)","password":"\#(password)","display_name":"Person \#(name)"}"#
        let answer = try await client.send("POST", "/v1/users", body, key: random.key(), expect: [201])
        user = try answer.json.text("id")
        journal.note("registered", ["user": user, "email": email])
    }

    private mutating func logIn(_ session: Int) async throws {
        let body = #"{"email":"\#(email)","password":"\#(password)"}"#
        let answer = try await client.send("POST", "/v1/auth/login", body, expect: [200])
        tokens.append(try answer.json.text("access_token"))
        refreshToken = try answer.json.text("refresh_token")
        let id = try answer.json.text("session_id")
        journal.note("session", ["user": user, "session": id, "token": tokens[session], "number": "\(session)"])
    }

    /// Takes a few seats, often some that others want, and goes on with what it got.
    private mutating func book() async throws {
        guard let showtime = showtimes.randomElement(using: &random) else { return }
        let row = ["A", "B", "C", "D", "E", "F", "G", "H"].randomElement(using: &random) ?? "A"
        let number = Int.random(in: 1...19, using: &random)
        let seats = random.chance(60) ? "\"\(row)\(number)\"" : "\"\(row)\(number)\",\"\(row)\(number + 1)\""
        let body = #"{"showtime_id":"\#(showtime)","seats":[\#(seats)]}"#
        let (token, key) = (tokens.randomElement(using: &random) ?? "", random.key())
        let headers = random.chance(50) ? ["Prefer": "wait=5"] : [:]
        async let first = ask(body, token, key, headers)
        // The impatient press the button twice.
        let second = random.chance(25) ? try await ask(body, tokens[0], key, headers) : nil
        let answer = try await first
        guard let id = answer.json["id"].string else { return }
        if let second, let other = second.json["id"].string, other != id {
            journal.surprise("one Idempotency-Key made the bookings \(id) and \(other)")
        }
        journal.note("booking", ["booking": id, "user": user, "showtime": showtime])
        let state = try await decision(on: id)
        if state == "locked" { try await goOn(with: id) }
    }

    private func ask(
        _ body: String,
        _ token: String,
        _ key: String,
        _ headers: [String: String]
    ) async throws -> Curl.Response {
        try await client.send(
            "POST",
            "/v1/bookings",
            body,
            token: token,
            key: key,
            headers: headers,
            expect: [201, 202, 409]
        )
    }

    private func decision(on booking: String) async throws -> String {
        try await eventually("booking \(booking) is decided", within: Client.patience) {
            let answer = try await client.send("GET", "/v1/bookings/\(booking)", token: tokens[0], expect: [200])
            let state = answer.json["state"].string
            return state == "requested" ? nil : state
        }
    }

    private mutating func goOn(with booking: String) async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: try await pay(booking, "{}")
        case 35..<70: try await pay(booking, nastiness())
        case 70..<85: try await cancel(booking)
        default: return  // Lets the lock expire.
        }
        if random.chance(25) {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1500, using: &random)))
            try await cancel(booking)
        }
    }

    /// What the sandbox is asked to do.
    private mutating func nastiness() -> String {
        """
        {"outcome":"\(random.chance(20) ? "fail" : "succeed")",
         "capture_outcome":"\(random.chance(15) ? "fail" : "succeed")",
         "captures_at_once":\(random.chance(30)),"delay_ms":\(Int.random(in: 0...7000, using: &random)),
         "copies":\(Int.random(in: 1...4, using: &random)),"reordered":\(random.chance(40)),
         "loses_answer":\(random.chance(40))}
        """
    }

    private mutating func pay(_ booking: String, _ options: String) async throws {
        let answer = try await client.send(
            "POST",
            "/v1/bookings/\(booking)/payment",
            #"{"method":"sandbox","sandbox":\#(options)}"#,
            token: tokens[0],
            key: random.key(),
            expect: [202, 409, 410]
        )
        guard answer.status == 202 else { return }
        journal.note("payment", ["payment": try answer.json.text("id"), "booking": booking, "user": user])
    }

    private mutating func cancel(_ booking: String) async throws {
        let answer = try await client.send(
            "POST",
            "/v1/bookings/\(booking)/cancel",
            token: tokens[1],
            key: random.key(),
            expect: [202, 409]
        )
        if answer.status == 202 { journal.note("cancelled", ["booking": booking, "user": user]) }
    }

    /// Sends a picture, now and then a broken one; the id of a good one.
    private mutating func upload() async throws -> String? {
        let (folder, isGood) = (try TemporaryDirectory(), random.chance(80))
        let path = folder.appending("picture.gif")
        try File.write(path, picture(isGood: isGood))
        let answer = try await client.send(
            "POST",
            "/v1/media?visibility=public",
            file: path,
            token: tokens[0],
            key: random.key(),
            headers: ["Content-Type": "image/gif"],
            expect: [201]
        )
        let (id, digest) = (try answer.json.text("id"), try await Command.run("sha256sum", [path]).output.prefix(64))
        let members = [
            "media": id, "user": user, "token": tokens[0], "sha256": String(digest),
            "state": isGood ? "ready" : "failed",
        ]
        journal.note("upload", members)
        return isGood ? id : nil
    }

    /// A GIF of one pixel in one of 2^48 pairs of colours; without that pixel it is broken.
    private mutating func picture(isGood: Bool) -> [UInt8] {
        let screen: [UInt8] = [1, 0, 1, 0, 0x80, 0, 0] + (0..<6).map { _ in UInt8.random(in: 0...255, using: &random) }
        let pixel: [UInt8] = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
        return Array("GIF89a".utf8) + screen + (isGood ? pixel : [])
    }

    /// Renews the second session. A repeat within 10 s of an answer that was lost gets the same successor; after that the
    /// token counts as stolen.
    private mutating func refresh() async throws {
        let start = MonotonicClock.nanoseconds
        let body = #"{"refresh_token":"\#(refreshToken)"}"#
        let answer = try await client.send("POST", "/v1/auth/token", body, expect: [200, 401])
        if answer.status == 200 {
            tokens[1] = try answer.json.text("access_token")
        } else if MonotonicClock.nanoseconds - start < 9_000_000_000 {
            journal.surprise("a refresh within 9 s: \(answer.body)")
        }
    }

    private func readSomething() async throws {
        let list = try await client.send("GET", "/v1/notifications", token: tokens[0], expect: [200])
        guard let id = list.json["items"][0]["id"].string else { return }
        let path = "/v1/notifications/\(id)"
        _ = try await client.send("PATCH", path, #"{"read":true}"#, token: tokens[0], expect: [200])
        journal.note("read", ["notification": id, "user": user])
    }

    private func logOut() async throws {
        // A repeat of a log-out whose answer was lost finds the token revoked.
        _ = try await client.send("POST", "/v1/auth/logout", token: tokens[1], expect: [204, 401])
        journal.note("logged-out", ["user": user, "token": tokens[1]])
    }
}
