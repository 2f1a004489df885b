import System
import TestSupport
import Testing

/// A running stack against its own description, by the property-based tester schemathesis: requests made of the schemas,
/// and broken ones, must be answered as described and never by a fault of ours.
///
/// `API_TEST_EXAMPLES` (4) and `API_TEST_SEED` (1) make it longer, or other.
struct APIConformanceTests {
    @Test func `the services answer as openapi.yaml says`() async throws {
        try await RunningStack.with { stack in
            let description = try await Curl.request("GET", "\(stack.url)/openapi.json")
            #expect(description.json["openapi"].string == "3.1.0")
            let known = ["If-None-Match": try #require(description.headers["etag"])]
            #expect(try await Curl.request("GET", "\(stack.url)/openapi.json", headers: known).status == 304)
            let scene = try await Scene(stack)
            let user = try await scene.run(as: scene.user.token)
            #expect(user.status.isSuccess, "as a user:\n\(user.output)")
            let admin = try await scene.run(as: stack.administrator())
            #expect(admin.status.isSuccess, "as an administrator:\n\(admin.output)")
            try await scene.expectSoundData()
        }
    }
}

/// Somebody with a booked and a locked booking, in a stack without limits worth mentioning.
private struct Scene {
    let cinema: Cinema
    let user: Visitor
    private let names: [String: String]

    private var stack: any Installation { cinema.stack }

    init(_ stack: RunningStack) async throws {
        cinema = try await Cinema(stack)
        user = try await cinema.visitor("lan")
        let booking = try #require(try await user.book("A1", "A2").json["id"].string)
        try await user.pay(booking)
        try await user.expect(booking, is: "booked")
        let (cinema, user) = (cinema, user)
        let notification = try await eventually("the person is told") {
            let list = try await stack.call("GET", "/v1/notifications", token: user.token, status: 200)
            return list["items"][0]["id"].string
        }
        let locked = try #require(try await user.book("A3").json["id"].string)
        let me = try await stack.call("GET", "/v1/users/me", token: user.token, status: 200)
        let showtime = try await stack.call("GET", "/v1/showtimes/\(cinema.showtime)", status: 200)
        names = [
            "SHOWTIME": cinema.showtime, "BOOKING": locked, "NOTIFICATION": notification,
            "USER": try #require(me["id"].string), "MOVIE": try #require(showtime["movie_id"].string),
        ]
        let token = try await stack.administrator()
        let limits = try await Curl.request("GET", "\(stack.url)/v1/admin/rate-limits", token: token)
        _ = try await stack.call(
            "PUT",
            "/v1/admin/rate-limits",
            #"{"rules":[{"name":"address","scope":"address","quota":10000000,"window_seconds":60}]}"#,
            token: token,
            headers: ["If-Match": try #require(limits.headers["etag"])],
            status: 200
        )
    }

    /// Runs the tester with an access token.
    func run(as token: String) async throws -> Command.Result {
        let directory = try TemporaryDirectory()
        let folder = "Tests/Conformance/APIConformanceTests"
        let template = try #require(try SourceFile.all(below: [folder], suffixes: [".toml"]).first)
        let text = names.reduce(template.lines.joined(separator: "\n")) { text, name in
            text.replacing("${\(name.key)}", with: name.value)
        }
        try directory.write(text, to: "schemathesis.toml")
        // It keeps notes in the folder it runs in, and does not know the bodies of tus (1.0.0, PATCH), which are bytes.
        let program = """
            import os, sys
            import schemathesis
            from schemathesis.cli import schemathesis as command
            schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
            os.chdir(sys.argv[1])
            command(sys.argv[2:])
            """
        return try await Command.python(
            program,
            [
                directory.path, "--config-file", "schemathesis.toml", "run", "\(stack.url)/openapi.json",
                "-H", "Authorization: Bearer \(token)", "--phases", "examples,coverage,fuzzing", "--no-color",
                "--max-examples", Environment.value("API_TEST_EXAMPLES") ?? "4",
                "--seed", Environment.value("API_TEST_SEED") ?? "1",
            ],
            within: 1800
        )
    }

    /// After all that, no seat has two owners, and the log is as described and without dead letters.
    func expectSoundData() async throws {
        let token = try await stack.administrator()
        let path = "/v1/admin/showtimes/\(cinema.showtime)/audit"
        let audit = try await stack.call("GET", path, token: token, status: 200)
        #expect(audit["violations"].array.isEmpty, "\(audit)")
        #expect(Set(audit["booked_seats"].array.compactMap(\.string)).isSuperset(of: ["A1", "A2"]))
        let judged = try await EventCheck.run(broker: stack.broker)
        #expect(judged.status.isSuccess, "\(judged.output)")
    }
}
