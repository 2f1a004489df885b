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

    /// Judges all records of all topics of a broker. A record among the dead letters is wrong, too.
    public static func run(broker: String) async throws -> Command.Result {
        try await run(try await records(broker: broker))
    }

    /// All records of all topics of a broker, partition by partition in order, each a line as `kcat -C -J` writes it.
    public static func records(broker: String) async throws -> [String] {
        let listed = try await Command.run("kcat", ["-q", "-L", "-J", "-b", broker])
        let topics = try JSON(parsing: listed.output)["topics"].array.compactMap { $0["topic"].string }
        var records: [String] = []
        for topic in topics where !topic.hasPrefix("__") {
            let read = try await Command.run(
                "kcat",
                ["-C", "-q", "-J", "-e", "-o", "beginning", "-b", broker, "-t", topic]
            )
            records += read.output.split(separator: "\n").map(String.init)
        }
        return records
    }
}
