import System
import TestSupport
import Testing

extension EndToEnd {
    /// What clients have set at the broker of a stack comes back with its events.
    @Suite struct BrokerBackupTests {
        private let folder: TemporaryDirectory

        init() throws { folder = try TemporaryDirectory() }

        /// Runs a subcommand of `broker` on the stack's.
        private func broker(
            _ stack: RunningStack,
            _ words: String,
            as user: String = BrokerSecurity.tester
        ) async throws -> String {
            let password = user == BrokerSecurity.tester ? BrokerSecurity.password(of: user) : "of-a-visitor"
            let login = ["--bootstrap", stack.broker, "--login", user, "--json", "--login-password-file"]
            let path = try folder.write(password, to: "\(user).password")
            let result = try await Command.run(
                ServiceProcess.path(of: "broker"),
                words.split(separator: " ").map(String.init) + login + [path]
            )
            guard result.status.isSuccess else { throw StackFailure(description: "broker \(words): \(result.output)") }
            return result.output
        }

        /// All that can be listed of settings, users, quotas and rules.
        private func settings(_ stack: RunningStack) async throws -> [String] {
            var lists: [String] = []
            for words in ["configs describe broker", "configs describe topic like-events", "users list", "quotas list"]
            {
                lists.append(try await broker(stack, words))
            }
            return lists + [try await broker(stack, "acls list")]
        }

        @Test func `a backup has the broker's settings, users, quotas and rules in it`() async throws {
            let (data, backup) = (folder.appending("data"), folder.appending("backup"))
            // The operator makes a super user before the first start.
            try BrokerSecurity.writeUsers(to: "\(data)/secrets/broker.json")
            var before: [String] = []
            try await RunningStack.with(["MARQUEE_DATA": data]) { stack in
                let password = try folder.write("of-a-visitor", to: "password")
                for words in [
                    "configs alter broker --set max.connections.per.ip=54321",
                    "configs alter topic like-events --set retention.ms=7654321",
                    "users set visitor --password-file \(password)",
                    "quotas set --user visitor --set producer_byte_rate=12345",
                    "acls add topic like-events --principal User:visitor --operation read --operation describe --deny",
                ] { _ = try await broker(stack, words) }
                before = try await settings(stack)
                for word in ["54321", "7654321", "visitor", "12345", "deny"] {
                    #expect(before.contains { $0.contains(word) }, "\(word) in \(before)")
                }
                let made = try await stack.command("backup", backup)
                try #require(made.status.isSuccess, "\(made.output)")
                // What comes after the backup is undone.
                _ = try await broker(stack, "quotas set --user visitor --set producer_byte_rate=99999")
                _ = try await broker(stack, "users delete visitor")
            }
            let elsewhere = folder.appending("elsewhere")
            let restored = try await Command.run(
                ServiceProcess.path(of: "stack"),
                ["restore", backup],
                environment: ["MARQUEE_DATA": elsewhere]
            )
            try #require(restored.status.isSuccess, "\(restored.output)")
            try await RunningStack.with(["MARQUEE_DATA": elsewhere]) { stack in
                #expect(try await settings(stack) == before)
                // The password is the one that was set, and the rule holds.
                let topics = try await broker(stack, "topics list", as: "visitor")
                #expect(topics.contains(#""user-events""#) && !topics.contains(#""like-events""#))
            }
        }
    }
}
