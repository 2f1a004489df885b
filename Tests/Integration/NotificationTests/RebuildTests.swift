import Contracts
import EventBus
import System
import TestSupport
import Testing

@Suite(.serialized) struct RebuildTests {
    /// Runs statements on the file of a stopped service and returns their rows.
    private func run(_ rig: NotificationRig, _ statements: [String]) async throws -> String {
        let program = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1])
            for statement in sys.argv[2:]:
                for row in base.execute(statement): print([v.hex() if isinstance(v, bytes) else v for v in row])
            base.commit()
            """
        let path = rig.data.appending("notification/notification.sqlite")
        let result = try await Command.python(program, [path] + statements)
        try #require(result.status.isSuccess, "\(result.output)")
        return result.output
    }

    @Test func `rebuilt projections are those that were there, and truth stays as it is`() async throws {
        let rig = try await NotificationRig()
        var service = try await rig.service()
        let people = (0..<5).map { _ in Identifier.version7(at: WallClock.system.now) }
        for (index, person) in people.enumerated() {
            try await rig.register(person, email: "p\(index)@example.com")
            try await rig.register(person, email: "new\(index)@example.com", locale: "en")
            try await rig.publish(rig.booked(person))
            for agent in ["Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0", "curl/7.88.1"] {
                try await rig.publish(
                    LoginSucceeded(
                        userID: person,
                        sessionID: .version7(at: WallClock.system.now),
                        addressPrefix: "192.0.2.0/24",
                        userAgent: agent,
                        timestamp: WallClock.system.now
                    )
                )
            }
        }
        let gone = people[4]
        try await rig.publish(UserDeleted(userID: gone, erasureID: gone, timestamp: WallClock.system.now))
        let projections = ["SELECT * FROM profiles ORDER BY 1", "SELECT * FROM devices ORDER BY 1, 2, 3"]
        try await eventually("all is applied", within: 20) {
            let counts = try await run(rig, ["SELECT count(*) FROM profiles", "SELECT count(*) FROM devices"])
            let told = try await run(rig, ["SELECT count(*) FROM notifications"])
            return counts + told == "[4]\n[8]\n[8]\n"
        }
        #expect(try await service.stop().isSuccess)

        let before = try await run(rig, projections)
        let truth = ["notifications", "deliveries", "erased_users", "outbox", "consumer_offsets", "inbox"].map {
            "SELECT * FROM \($0) ORDER BY 1"
        }
        let kept = try await run(rig, truth)
        _ = try await run(rig, ["UPDATE profiles SET email = 'x'", "DELETE FROM devices WHERE name LIKE 'curl%'"])
        #expect(try await run(rig, projections) != before)
        // What comes after the service's last place is not its to apply yet.
        try await rig.register(.version7(at: WallClock.system.now), email: "later@example.com")

        let rebuild = try rig.start(["--rebuild"])
        #expect(try await rebuild.ended().isSuccess, "\(rebuild.log)")
        #expect(try await run(rig, projections) == before)
        #expect(try await run(rig, truth) == kept)
        service = try await rig.service()
        try await eventually("the later one is applied", within: 20) {
            try await run(rig, ["SELECT count(*) FROM profiles"]) == "[5]\n"
        }
    }
}
