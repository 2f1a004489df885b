import System
import TestSupport
import Testing

extension EndToEnd {
    /// A film that comes in spite of everything; `make bench ONLY=upload` tells it of 1 GiB.
    @Suite struct LargeUploadTests {
        private static let mebibytes = 64
        /// MiB.
        private static let largestService = 100.0

        @Test func `a film arrives whole though its client, the gateway and Media die on the way`() async throws {
            try await RunningStack.with { stack in
                for service in ["gateway", "media"] { stack.foresee(killOf: service) }
                let told = try await Command.run(
                    Command.pythonPath,
                    [
                        "\(SourceFile.repository)/Tests/EndToEnd/large_upload.py", stack.url, stack.data,
                        "\(Self.mebibytes)",
                    ],
                    within: 240
                )
                try #require(told.status.isSuccess, "\(told.output)")
                let peaks = try JSON(parsing: told.output)["peak_mib"]
                for service in ["gateway", "media", "media-worker", "broker"] {
                    guard case .number(let peak) = peaks[service] else { throw StackFailure(description: told.output) }
                    #expect(peak < Self.largestService, "\(service)")
                }
            }
        }
    }
}
