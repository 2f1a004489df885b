import KafkaProtocol
import System

/// How far each partition was durable at some time, and where its log starts: the file `checkpoint`.
///
/// Body, after `ChecksummedFile`'s header:
/// ```
///   clean i8 | count i32 | count x partition
///   partition: topic id 16 bytes | index i32 | durable end i64 | log start i64 | cleaned end i64 (from version 2 on)
/// ```
/// Below a durable end nothing may be missing: a broken batch there is damage, above it a torn append. `clean` says
/// that the store was closed with nothing above it, so that no log has to be scanned.
struct Checkpoint: Sendable, Equatable {
    static let fileName = "checkpoint"
    private static let version: UInt8 = 2

    struct Key: Hashable, Sendable {
        let topic: Identifier
        let partition: Int32
    }

    struct Entry: Equatable, Sendable {
        var durableEnd: Int64
        let logStart: Int64
        /// Compaction has been through everything before.
        var cleanedEnd: Int64 = 0
    }

    var isClean = false
    var entries: [Key: Entry] = [:]

    init() {}

    /// A log is durable at least up to `end`.
    mutating func raise(_ key: Key, to end: Int64) {
        let known = entries[key]?.durableEnd ?? 0
        entries[key, default: Entry(durableEnd: 0, logStart: 0)].durableEnd = max(end, known)
    }

    var encoded: [UInt8] {
        var writer = WireWriter()
        writer.int8(isClean ? 1 : 0)
        writer.int32(Int32(truncatingIfNeeded: entries.count))
        for (key, entry) in entries {
            writer.raw(key.topic.bytes)
            writer.int32(key.partition)
            writer.int64(entry.durableEnd)
            writer.int64(entry.logStart)
            writer.int64(entry.cleanedEnd)
        }
        return ChecksummedFile.encode(writer.bytes, kind: .checkpoint, version: Self.version)
    }

    /// Reads the file; nil when it is damaged.
    init?(_ file: [UInt8]) {
        let current = ChecksummedFile.decode(file, kind: .checkpoint, version: Self.version)
        guard let body = current ?? ChecksummedFile.decode(file, kind: .checkpoint) else { return nil }
        var reader = WireReader(body)
        do throws(WireError) {
            isClean = try reader.int8() == 1
            for _ in 0..<(try reader.count()) {
                guard let topic = Identifier(bytes: try reader.slice(16)) else { return nil }
                let key = Key(topic: topic, partition: try reader.int32())
                var entry = Entry(durableEnd: try reader.int64(), logStart: try reader.int64())
                if current != nil { entry.cleanedEnd = try reader.int64() }
                entries[key] = entry
            }
        } catch {
            return nil
        }
    }
}
