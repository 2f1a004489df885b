import System
import Telemetry

/// Brings into the segments what only the ring holds, before the logs are opened after a crash.
///
/// Idempotent: a frame is written where it was written the first time, so that a crash during replay does no harm.
/// What belongs to no topic, or lies before a log's start, was deleted and stays so.
struct RingReplay {
    let directory: String
    let fileSystem: any FileSystem
    let logger: Logger
    let topics: [Identifier: Topic]
    let checkpoint: Checkpoint?

    /// What replay found.
    struct Outcome {
        /// How far each log is known to be durable.
        var durableEnds: [Checkpoint.Key: Int64] = [:]
        /// What it wrote and has to be synced.
        var changes = SegmentChanges()
        /// Whose directories hold nothing of another topic.
        fileprivate var claimed: Set<Checkpoint.Key> = []
    }

    /// Blocks.
    func run() throws(SystemError) -> Outcome {
        var outcome = Outcome()
        guard let file = try existing() else { return outcome }
        guard var reader = try RingReader(file) else {
            logger.critical("write-ahead ring is damaged: what is in no segment yet is lost")
            return outcome
        }
        while let round = try reader.next() {
            for frame in round.frames { try apply(frame, to: &outcome) }
        }
        if reader.lostRounds > 0 {
            let count = String(reader.lostRounds)
            logger.critical("write-ahead ring is damaged: rounds cannot be read", metadata: ["rounds": .string(count)])
        }
        return outcome
    }

    private func existing() throws(SystemError) -> (any LogFile)? {
        do throws(SystemError) {
            return try fileSystem.open("\(directory)/\(WriteAheadRing.fileName)", creating: false)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    private func apply(_ frame: RingFrame, to outcome: inout Outcome) throws(SystemError) {
        let key = Checkpoint.Key(topic: frame.topic, partition: frame.partition)
        guard let topic = topics[frame.topic], frame.partition < topic.partitions,
            frame.endOffset > checkpoint?.entries[key]?.logStart ?? 0
        else { return }
        if !frame.records.isEmpty {
            let partition = "\(directory)/\(topic.name)-\(frame.partition)"
            if outcome.claimed.insert(key).inserted {
                let hasRecords = checkpoint?.entries[key].map { $0.durableEnd > $0.logStart } ?? false
                let folder = PartitionDirectory(partition, fileSystem)
                try folder.claim(for: topic.id, hasRecords: hasRecords, logger: logger)
            }
            guard try write(frame, in: partition, changes: &outcome.changes) else { return }
        }
        outcome.durableEnds[key] = max(outcome.durableEnds[key] ?? 0, frame.endOffset)
    }

    /// False when the segment was removed since.
    private func write(
        _ frame: RingFrame,
        in partition: String,
        changes: inout SegmentChanges
    ) throws(SystemError) -> Bool {
        let path = "\(partition)/\(SegmentName.file(frame.segment, SegmentName.log))"
        let file: any LogFile
        do throws(SystemError) {
            // Only a segment's first frame makes it anew: without that in the ring, its name was durable.
            file = try fileSystem.open(path, creating: frame.position == 0)
        } catch {
            guard error.isNotFound else { throw error }
            logger.warning("replay: segment is gone", metadata: ["file": .string(path)])
            return false
        }
        var position = frame.position
        for piece in frame.records {
            try file.write(Array(piece), at: position)
            position += piece.count
        }
        changes.files.insert(path)
        changes.directories.insert(partition)
        return true
    }
}
