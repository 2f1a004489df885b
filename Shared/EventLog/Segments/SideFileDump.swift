import System

/// Any file of a data directory but the segments as text, for people who look at a stopped broker.
public enum SideFileDump {
    /// Calls `body` with a line for each entry; false when this is none of those files, by its name. Blocks.
    /// Errors: those of the file; LogError.corruptBatch when it is damaged.
    public static func forEachLine(
        of path: String,
        fileSystem: any FileSystem = PosixFileSystem(),
        _ body: (String) -> Void
    ) throws -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if name == WriteAheadRing.fileName {
            try RingDump.forEachLine(of: path, fileSystem: fileSystem, body)
            return true
        }
        let base = SegmentName.offset(name, SegmentName.offsetIndex) ?? SegmentName.offset(name, SegmentName.timeIndex)
        let snapshot = SegmentName.offset(name, SegmentName.producers)
        let isText = name == LeaderEpochs.fileName || name == PartitionDirectory.metadataName
        let isKnown = name == StoreMetadata.fileName || name == Checkpoint.fileName || isText
        guard base != nil || snapshot != nil || isKnown else { return false }
        let bytes = try fileSystem.open(path, creating: false)
        let content = try bytes.read(at: 0, count: bytes.size())
        let lines: [String]?
        if let base {
            lines = index(content, base: base, isOfTimes: name.hasSuffix(SegmentName.timeIndex))
        } else if let snapshot {
            lines = ProducerSnapshot(content, at: snapshot)?.lines
        } else if isText {
            lines = String(validating: content, as: UTF8.self)?.split(separator: "\n").map(String.init)
        } else if name == Checkpoint.fileName {
            lines = Checkpoint(content)?.lines
        } else {
            lines = StoreMetadata(content, defaults: [:])?.lines
        }
        guard let lines else { throw LogError.corruptBatch }
        for line in lines { body(line) }
        return true
    }

    private static func index(_ bytes: [UInt8], base: Int64, isOfTimes: Bool) -> [String] {
        let index = SegmentIndex(
            baseOffset: base,
            offsetFile: isOfTimes ? [] : bytes,
            timeFile: isOfTimes ? bytes : [],
            logSize: .max
        )
        return index.offsets.map { "offset \($0.offset) position \($0.position)" }
            + index.times.map { "time \($0.timestamp) offset \($0.offset)" }
    }
}

extension ProducerSnapshot {
    fileprivate var lines: [String] {
        let known = producers.entries.sorted { $0.key < $1.key }.map { id, entry in
            let batches = entry.batches.map { "\($0.firstSequence)...\($0.lastSequence) at \($0.firstOffset)" }
            let start = entry.transactionStart.map { " transaction from \($0)" } ?? ""
            return "producer \(id)/\(entry.epoch) time \(entry.lastTimestamp)\(start) sequences \(batches)"
        }
        return ["up to offset \(offset)"] + known
            + aborted.entries.map { "aborted \($0.firstOffset)...\($0.lastOffset) of producer \($0.producerID)" }
    }
}

extension Checkpoint {
    fileprivate var lines: [String] {
        let logs = entries.map { key, entry in
            "topic \(key.topic.kafkaText)-\(key.partition) durable end \(entry.durableEnd) start \(entry.logStart)"
                + " cleaned end \(entry.cleanedEnd)"
        }
        return [isClean ? "clean stop" : "no clean stop"] + logs.sorted()
    }
}

extension StoreMetadata {
    fileprivate var lines: [String] {
        let topics = topics.values.sorted { $0.name < $1.name }.map { topic in
            let settings = topic.configuration.overrides.map { "\($0)=\($1)" }.sorted()
            return "topic \(topic.name) id \(topic.id.kafkaText) partitions \(topic.partitions) \(settings)"
        }
        return ["cluster \(clusterID.kafkaText) leader epoch \(leaderEpoch)"] + topics
    }
}
