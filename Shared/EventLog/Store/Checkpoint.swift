import KafkaProtocol
import System

/// How far each partition was durable at some time, and where its log starts: the file `checkpoint`.
///
/// Body, after `ChecksummedFile`'s header:
/// ```
///   clean i8 | count i32 | count x partition
///   partition: topic id 16 bytes | index i32 | durable end i64 | log start i64 | cleaned end i64 (from version 2 on)
///              | flags i8 (1 clean, 2 open transaction) | size i64 (-1: not known) | upkeep due i64 (from version 3 on)
/// ```
/// Below a durable end nothing may be missing: a broken batch there is damage, above it a torn append. `clean` says
/// that the store was stopped and not killed; a partition is clean then when nothing lies above its durable end and its
/// side files are whole. One that was not opened since a crash is not.
struct Checkpoint: Sendable, Equatable {
    static let fileName = "checkpoint"
    private static let version: UInt8 = 3
    private static let cleanFlag: Int8 = 1
    private static let transactionFlag: Int8 = 2

    struct Key: Hashable, Sendable {
        let topic: Identifier
        let partition: Int32
    }

    struct Entry: Equatable, Sendable {
        var durableEnd: Int64
        let logStart: Int64
        /// Compaction has been through everything before.
        var cleanedEnd: Int64 = 0
        /// Nothing has to be scanned, when the store was stopped.
        var isClean = true
        /// The last stable offset may lie below the durable end.
        var hasOpenTransaction = true
        /// Bytes of all segments.
        var size: Int?
        /// Until this time, in milliseconds since 1970, neither retention nor compaction have anything to do.
        var upkeepDue = Int64.min
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
            let transaction = entry.hasOpenTransaction ? Self.transactionFlag : 0
            writer.int8((entry.isClean ? Self.cleanFlag : 0) | transaction)
            writer.int64(entry.size.map(Int64.init) ?? -1)
            writer.int64(entry.upkeepDue)
        }
        return ChecksummedFile.encode(writer.bytes, kind: .checkpoint, version: Self.version)
    }

    /// Reads the file; nil when it is damaged.
    init?(_ file: [UInt8]) {
        for version in (1...Self.version).reversed() {
            guard let body = ChecksummedFile.decode(file, kind: .checkpoint, version: version) else { continue }
            var reader = WireReader(body)
            guard let checkpoint = try? Checkpoint(&reader, version: version) else { return nil }
            self = checkpoint
            return
        }
        return nil
    }

    private init(_ reader: inout WireReader, version: UInt8) throws(WireError) {
        isClean = try reader.int8() == 1
        let count = try reader.count()
        entries.reserveCapacity(count)
        for _ in 0..<count {
            guard let topic = Identifier(bytes: try reader.slice(16)) else { throw .invalidLength }
            let key = Key(topic: topic, partition: try reader.int32())
            var entry = Entry(durableEnd: try reader.int64(), logStart: try reader.int64())
            if version >= 2 { entry.cleanedEnd = try reader.int64() }
            if version >= 3 {
                let flags = try reader.int8()
                entry.isClean = flags & Self.cleanFlag != 0
                entry.hasOpenTransaction = flags & Self.transactionFlag != 0
                let size = try reader.int64()
                entry.size = size < 0 ? nil : Int(size)
                entry.upkeepDue = try reader.int64()
            }
            entries[key] = entry
        }
    }
}
