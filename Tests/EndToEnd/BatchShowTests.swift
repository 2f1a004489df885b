import System
import TestSupport
import Testing

extension EndToEnd {
    /// A batch that comes in spite of everything. `BATCH_SHOW_FILES` and `BATCH_SHOW_KILLS` make it larger.
    @Suite struct BatchShowTests {
        private static func number(_ name: String, default value: Int) -> Int {
            Environment.value(name).flatMap(Int.init) ?? value
        }

        @Test func `each file of a batch ends once, and so does the batch, whichever services are killed`() async throws
        {
            try await RunningStack.with { stack in
                let files = Self.number("BATCH_SHOW_FILES", default: 40)
                let kills = Self.number("BATCH_SHOW_KILLS", default: 6)
                let told = try await Command.run(
                    Command.pythonPath,
                    [
                        "\(SourceFile.repository)/Tests/EndToEnd/batch_show.py", stack.url, stack.data, stack.broker,
                        "\(files)", "\(kills)", "\(Self.number("BATCH_SHOW_SEED", default: 7))",
                    ],
                    within: 400
                )
                try #require(told.status.isSuccess, "\(told.output)")
                let figures = try JSON(parsing: told.output)
                for service in ["batch-upload", "media", "media-worker"] {
                    for _ in 0..<(figures["kills"][service].int ?? 0) { stack.foresee(killOf: service) }
                    if case .number(let peak) = figures["peak_mib"][service] { #expect(peak < 100, "\(service)") }
                }
                #expect(figures["files"].int == files)
                if Environment.value("BATCH_SHOW_FILES") != nil { print(told.output) }
            }
        }
    }
}
