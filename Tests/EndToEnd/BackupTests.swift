import System
import TestSupport
import Testing

extension EndToEnd {
    /// Backups of a stack at work, and stacks that go on from them.
    @Suite struct BackupTests {

        /// Runs `stack` on a data folder that no stack serves.
        private static func stack(_ words: String..., data: String) async throws -> Command.Result {
            try await Command.run(ServiceProcess.path(of: "stack"), words, environment: ["MARQUEE_DATA": data])
        }

        @Test func `a stack restored elsewhere repeats no effect and goes on`() async throws {
            let mails = try await MailSink()
            let folder = try TemporaryDirectory()
            let backup = folder.appending("backup")
            let past = Past()
            try await RunningStack.with(["SMTP_URL": mails.url]) { stack in
                try await past.live(in: stack, mails)
                let cinema = Cinema(stack, showtime: past.showtime)
                try await Self.underLoad(cinema) {
                    let made = try await stack.command("backup", backup)
                    try #require(made.status.isSuccess, "\(made.output)")
                }
                // What comes after the backup is undone.
                #expect(try await cinema.visitor("late").book("A10").status == 201)
            }
            let elsewhere = folder.appending("elsewhere")
            let restored = try await Self.stack("restore", backup, data: elsewhere)
            try #require(restored.status.isSuccess, "\(restored.output)")
            try await RunningStack.with(["SMTP_URL": mails.url, "MARQUEE_DATA": elsewhere]) { stack in
                try await past.expectNobodyIsSignedIn(to: stack)
                try await past.expectStoryGoesOn(in: stack)
                try await past.expectNothingTwice(in: stack, mails)
            }
        }

        /// Four visitors book and pay while `body` runs.
        private static func underLoad(_ cinema: Cinema, _ body: () async throws -> Void) async throws {
            let visitors = try await RaceTests.atOnce(4, width: 2) { try await cinema.visitor("busy-\($0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (row, visitor) in zip(["B", "C", "D", "E"], visitors) {
                    group.addTask {
                        for seat in 1...8 {
                            let answer = try await visitor.book("\(row)\(seat)")
                            try #require(answer.status == 201, "\(answer.body)")
                            try await visitor.pay(answer.json.text("id"))
                        }
                    }
                }
                try await body()
                try await group.waitForAll()
            }
        }
    }
}
