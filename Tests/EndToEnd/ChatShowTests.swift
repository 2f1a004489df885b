import System
import TestSupport
import Testing

extension EndToEnd {
    /// Talk that survives everything. `CHAT_SHOW_ROOMS` (20), `CHAT_SHOW_SOCKETS` (100) and `CHAT_SHOW_KILLS` (6) make it
    /// larger.
    @Suite struct ChatShowTests {
        private static func number(_ name: String, default value: Int) -> Int {
            Environment.value(name).flatMap(Int.init) ?? value
        }

        @Test func `what is acknowledged reaches each socket of each member once and in order, whatever is killed`()
            async throws
        {
            let second = try PortProbe.freePort()
            try await RunningStack.with(["CHAT_MORE": ",http://127.0.0.1:\(second)"]) { stack in
                let rooms = Self.number("CHAT_SHOW_ROOMS", default: 20)
                let sockets = Self.number("CHAT_SHOW_SOCKETS", default: 100)
                let told = try await Command.run(
                    Command.pythonPath,
                    [
                        "\(SourceFile.repository)/Tests/EndToEnd/chat_show.py", stack.url, stack.data, "\(second)",
                        "\(rooms)", "\(sockets)", "\(Self.number("CHAT_SHOW_KILLS", default: 6))",
                        "\(Self.number("CHAT_SHOW_SEED", default: 7))",
                    ],
                    within: 600
                )
                try #require(told.status.isSuccess, "\(told.output)")
                let figures = try JSON(parsing: told.output)
                for service in ["chat", "broker", "gateway"] {
                    for _ in 0..<(figures["kills"][service].int ?? 0) { stack.foresee(killOf: service) }
                }
                #expect(figures["rooms"].int == rooms && figures["sockets"].int == sockets)
                if Environment.value("CHAT_SHOW_ROOMS") != nil { print(told.output) }
            }
        }
    }
}
