import EventLog
import KafkaProtocol
import System

/// `broker dump-log FILE…`: one line a batch and one a record, for people. Reads Apache Kafka's segments as well, indexes,
/// and all other files of a data directory.
enum DumpLog {
    /// Largest segment that is read.
    private static let limit = 2 << 30

    /// Returns the exit code: 1 when a file cannot be read or a batch is damaged.
    static func run(_ paths: [String]) -> Int32 {
        var code: Int32 = 0
        for path in paths {
            do {
                try dump(path)
            } catch {
                write("\(path): \(error)")
                code = 1
            }
        }
        return code
    }

    private static func dump(_ path: String) throws {
        if try SideFileDump.forEachLine(of: path, write) { return }
        let bytes = try File.read(path, limit: limit)
        var position = 0
        // Preallocated space behind the last batch is zero.
        while position + RecordBatchHeader.size <= bytes.count, bytes[position + 16] != 0 {
            let header = try RecordBatchHeader(bytes.span, at: position)
            try header.verifyChecksum(bytes.span, at: position)
            write(
                "batch \(header.baseOffset)...\(header.lastOffset) position \(position) size \(header.totalSize)"
                    + " epoch \(header.leaderEpoch) producer \(header.producerID)/\(header.producerEpoch)"
                    + " sequence \(header.baseSequence) compression \(header.attributes.compressionCode)"
                    + flags(of: header)
            )
            var cursor = try RecordCursor(bytes, at: position)
            while let record = try cursor.next() {
                let key = record.key.map { String(decoding: $0, as: UTF8.self) } ?? "-"
                let value = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "-"
                write("  \(record.offset) time \(record.timestamp) key \(key) value \(value)")
            }
            position += header.totalSize
        }
    }

    private static func flags(of header: RecordBatchHeader) -> String {
        (header.attributes.contains(.transactional) ? " transactional" : "")
            + (header.attributes.contains(.control) ? " control" : "")
            + (header.deleteHorizon.map { " delete horizon \($0)" } ?? "")
    }

    private static func write(_ line: String) {
        StandardOutput.writeLine(line)
    }
}
