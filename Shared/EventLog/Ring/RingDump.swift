import System

/// A write-ahead ring as text, for people who look at a stopped broker's files.
public enum RingDump {
    /// Calls `body` with a line for each round that replay would read and one for each of its frames. Blocks.
    /// Errors: those of the file; LogError.corruptBatch when no start can be read or rounds are missing.
    public static func forEachLine(
        of path: String,
        fileSystem: any FileSystem = PosixFileSystem(),
        _ body: (String) -> Void
    ) throws {
        guard var reader = try RingReader(fileSystem.open(path, creating: false)) else { throw LogError.corruptBatch }
        while let round = try reader.next() {
            body("round \(round.sequence) frames \(round.frames.count)")
            for frame in round.frames {
                let kind = frame.records.isEmpty ? "synced in" : "\(frame.length) bytes for"
                body(
                    "  topic \(frame.topic.kafkaText)-\(frame.partition) \(frame.baseOffset)..<\(frame.endOffset)"
                        + " \(kind) segment \(frame.segment) position \(frame.position)"
                )
            }
        }
        if reader.lostRounds > 0 { throw LogError.corruptBatch }
    }
}
