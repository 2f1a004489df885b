import System

/// Judges records of topics by asyncapi.yaml.
public enum EventCheck {
    /// Runs `Tests/Fixtures/check_events.py` over records, each a line as `kcat -C -J` writes it. Its output is a line for
    /// each type with the number of records, then what is wrong, which fails it.
    public static func run(_ records: [String]) async throws -> Command.Result {
        let directory = try TemporaryDirectory()
        let path = try directory.write(records.joined(separator: "\n"), to: "records")
        return try await Command.python(
            "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')",
            [
                "\(SourceFile.repository)/Tests/Fixtures/check_events.py",
                "\(SourceFile.repository)/Shared/Contracts/asyncapi.yaml", path,
            ]
        )
    }
}
