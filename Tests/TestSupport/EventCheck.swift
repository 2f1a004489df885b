import System

/// Judges records of topics by asyncapi.yaml.
public enum EventCheck {
    /// Runs `Tests/Fixtures/check_events.py` over records, each a line as `kcat -C -J` writes it. Its output is a line for
    /// each type with the number of records, then what is wrong, which fails it.
    public static func run(_ records: [String]) async throws -> Command.Result {
        let directory = try TemporaryDirectory()
        let path = try directory.write(records.joined(separator: "\n"), to: "records")
        return try await script("check_events.py", ["\(SourceFile.repository)/Shared/Contracts/asyncapi.yaml", path])
    }

    /// Judges all records of all topics of a broker. A record among the dead letters is wrong, too.
    public static func run(broker: String, isOpen: Bool = false) async throws -> Command.Result {
        try await run(try await records(broker: broker, isOpen: isOpen))
    }

    /// All records of all topics of a broker, partition by partition in order, each a line as `kcat -C -J` writes it.
    /// One that is open has no passwords in a secured run either.
    public static func records(broker: String, isOpen: Bool = false) async throws -> [String] {
        let read = try await script("read_records.py", [broker], isOpen ? ["TEST_KAFKA_LOGIN": "{}"] : [:])
        guard read.status.isSuccess else { throw StackFailure(description: "records of \(broker): \(read.output)") }
        return read.output.split(separator: "\n").map(String.init)
    }

    /// Runs a program of `Tests/Fixtures`.
    private static func script(
        _ name: String,
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) async throws -> Command.Result {
        try await Command.python(
            "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')",
            ["\(SourceFile.repository)/Tests/Fixtures/\(name)"] + arguments,
            environment: environment
        )
    }
}
