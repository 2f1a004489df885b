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

        @Test func `a backup that is too old or not as it was written is refused, and nothing changes`() async throws {
            let folder = try TemporaryDirectory()
            let (data, backup) = (folder.appending("data"), folder.appending("backup"))
            try await RunningStack.with(["MARQUEE_DATA": data]) { stack in
                let lan = try await Cinema(stack).visitor("lan")
                #expect(try await lan.book("A1").status == 201)
                let foreign = ["MARQUEE_DATA": data, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"]
                let elsewhere = try await Command.run(
                    ServiceProcess.path(of: "stack"),
                    ["-f", "\(SourceFile.repository)/deploy/compose.yaml", "backup", backup],
                    environment: foreign
                )
                #expect(!elsewhere.status.isSuccess && elsewhere.output.contains("foreign_log"), "\(elsewhere.output)")
                try await Self.expect("bad_folder", from: stack.command("backup", data + "/backup"))
                let made = try await stack.command("backup", backup)
                try #require(made.status.isSuccess, "\(made.output)")
                try await Self.expect("bad_folder", from: stack.command("backup", backup))
                try await Self.expect("stack_running", from: Self.stack("restore", backup, data: data))
            }
            let untouched = try await Self.digests(of: data)
            for (change, code) in Tampering.codes {
                let copy = folder.appending(change)
                _ = try await Command.run("cp", ["-r", backup, copy])
                let changed = try await Command.python(Tampering.program, [copy, change])
                try #require(changed.status.isSuccess, "\(changed.output)")
                let refused = try await Self.stack("restore", copy, data: data)
                try Self.expect(code, from: refused)
                if change == "age" { #expect(refused.output.split(separator: "Z").count >= 4, "three times are named") }
            }
            #expect(try await Self.digests(of: data) == untouched)
            #expect(try File.names(in: folder.path).filter { $0.hasPrefix("data.") }.isEmpty)

            let good = try await Self.stack("verify", backup, data: data)
            #expect(good.status.isSuccess, "\(good.output)")
            let restored = try await Self.stack("restore", backup, data: data)
            #expect(restored.status.isSuccess, "\(restored.output)")
            let before = try #require(try File.names(in: folder.path).first { $0.hasPrefix("data.before-") })
            #expect(try await Self.digests(of: folder.appending(before)) == untouched)
        }

        @Test func `a backup whose maker is killed holds nobody for long and leaves nothing that verifies`()
            async throws
        {
            let folder = try TemporaryDirectory()
            let backup = folder.appending("backup")
            try await RunningStack.with { stack in
                let cinema = try await Cinema(stack)
                let lan = try await cinema.visitor("lan")
                // The copies wait for this one.
                try stack.signal("user", Self.stopSignal)
                let maker = try stack.start("backup", backup)
                try await eventually("the log stands still") {
                    File.exists(backup + ".partial/data/booking/booking.sqlite")
                }
                let booking = try await lan.request("A1")
                try maker.send(SignalQueue.kill)
                try await eventually("it is dead") { try maker.exitStatus() != nil }
                try stack.signal("user", Self.continueSignal)
                // The hold ends by itself.
                try await lan.expect(booking, is: "locked", within: 60)
                #expect(!File.exists(backup))
                try await Self.expect("no_backup", from: stack.command("verify", backup + ".partial"))
                let again = try await stack.command("backup", backup)
                #expect(again.status.isSuccess, "\(again.output)")
                #expect(!File.exists(backup + ".partial"))
                #expect(try await stack.command("verify", backup).status.isSuccess)
            }
        }

        private static let stopSignal: Int32 = 19
        private static let continueSignal: Int32 = 18

        private static func expect(_ code: String, from result: Command.Result) throws {
            #expect(!result.status.isSuccess && result.output.contains("stack: \(code): "), "\(code): \(result.output)")
        }

        /// Every file of a folder with its digest, in order; not the locks, which are made and never written.
        private static func digests(of folder: String) async throws -> String {
            let script = "cd \"$1\" && find . -type f ! -name '*lock' -exec sha256sum {} + | sort -k 2"
            return try await Command.run("sh", ["-c", script, "sh", folder]).output
        }
    }
}
