import KafkaProtocol
import System
import Telemetry

/// Opens a partition's directory and finds out where its log ends.
///
/// Of a log that was closed cleanly nothing is scanned. Else the batches from the checkpoint's durable end on are checked: the first
/// broken one is a torn append and the log is cut there; a broken batch below the durable end is damage, which is
/// reported and kept, and what follows stays readable.
struct LogRecovery {
    let topicID: Identifier
    let directory: String
    let name: String
    let configuration: TopicConfiguration
    let checkpoint: Checkpoint.Entry?
    let isClean: Bool
    let context: LogContext

    /// What is known of the log is in its closed state.
    init(topicID: Identifier, directory: String, name: String, _ closed: PartitionState, context: LogContext) {
        self.topicID = topicID
        self.directory = directory
        self.name = name
        configuration = closed.configuration
        checkpoint = closed.checkpointEntry
        isClean = closed.rest.ending == .clean
        self.context = context
    }

    private var fileSystem: any FileSystem { context.fileSystem }

    /// The state of the partition, ready for appends. Blocks.
    func open() throws(SystemError) -> PartitionState {
        let names = try existingNames()
        let start = checkpoint?.logStart ?? 0
        var bases = names.compactMap { SegmentName.offset($0, SegmentName.log) }.sorted()
        guard !bases.isEmpty else {
            let end = max(start, checkpoint?.durableEnd ?? 0)
            if end > start { report("log is missing: \(start) to \(end) are lost") }
            return try finish(segments: [Segment(baseOffset: end)], logStart: end, end: end, names: names)
        }
        var segments: [Segment] = []
        var end = bases[0]
        while let base = bases.first {
            bases.removeFirst()
            let isTrusted = checkpoint.map { isClean || (bases.first ?? .max) <= $0.durableEnd } ?? false
            if isTrusted {
                let segment = try trusted(base, isLast: bases.isEmpty)
                segments.append(segment)
                end = bases.first ?? checkpoint?.durableEnd ?? base
                continue
            }
            var segment = try indexed(base)
            let isTorn = try scan(&segment, end: &end, limitOffset: bases.first)
            segments.append(segment)
            if isTorn {
                try removeSegments(bases)
                bases = []
            }
        }
        if let durable = checkpoint?.durableEnd, end < durable {
            report("log ends at \(end), below its durable end \(durable): acknowledged records are lost")
            end = durable
        }
        return try finish(segments: segments, logStart: max(start, segments[0].baseOffset), end: end, names: names)
    }

    private func existingNames() throws(SystemError) -> [String] {
        let folder = PartitionDirectory(directory, fileSystem)
        let hasRecords = checkpoint.map { $0.durableEnd > $0.logStart } ?? false
        try folder.claim(for: topicID, hasRecords: hasRecords, logger: context.logger)
        let names = try folder.names()
        for name in names where name.hasSuffix(".tmp") || name.hasSuffix(SegmentName.cleaned) {
            try fileSystem.remove("\(directory)/\(name)")
        }
        let swaps = names.compactMap { SegmentName.offsets($0, SegmentName.swap) }
        guard !swaps.isEmpty else { return names }
        for offsets in swaps {
            let swap = SegmentSwap(directory: directory, fileSystem: fileSystem, offsets: offsets)
            try swap.resume(names, interval: configuration.indexIntervalBytes)
        }
        return try folder.names()
    }

    private func finish(
        segments: [Segment],
        logStart: Int64,
        end: Int64,
        names: [String]
    ) throws(SystemError) -> PartitionState {
        var segments = segments
        for index in segments.indices.dropLast() { segments[index].index = nil }
        var state = PartitionState(
            configuration: configuration,
            segments: segments,
            logStart: logStart,
            nextOffset: end
        )
        try loadEpochs(&state)
        try loadProducers(&state, names: names)
        state.isUnsettled = !isClean || state.epochsChanged || state.snapshots.last != end
        state.durableMark = state.mark
        state.cleanedEnd = min(checkpoint?.cleanedEnd ?? 0, end)
        let isNameDurable = isClean || end <= checkpoint?.durableEnd ?? 0
        if !isNameDurable, !names.isEmpty { try fileSystem.synchronizeDirectory(directory) }
        return state
    }

    private func path(_ base: Int64, _ suffix: String) -> String { "\(directory)/\(SegmentName.file(base, suffix))" }

    private func report(_ text: String) {
        context.logger.critical("damaged log: \(text)", metadata: ["log": .string(name)])
    }

    /// A segment whose content is below the durable end.
    private func trusted(_ base: Int64, isLast: Bool) throws(SystemError) -> Segment {
        var segment = isLast ? try indexed(base) : Segment(baseOffset: base)
        segment.size = try context.files.file(path(base, SegmentName.log)).size()
        segment.exists = true
        if isLast, segment.size > 0, segment.firstTimestamp == nil {
            var walker = BatchWalker(try context.files.file(path(base, SegmentName.log)), from: 0, limit: segment.size)
            if case .batch(let found) = try walker.next(verifying: false) {
                segment.firstTimestamp = found.header.maxTimestamp
            }
        }
        return segment
    }

    /// A segment with the index its files hold, size still 0.
    private func indexed(_ base: Int64) throws(SystemError) -> Segment {
        var segment = Segment(baseOffset: base)
        let index = SegmentIndex(
            baseOffset: base,
            offsetFile: try fileSystem.contents(of: path(base, SegmentName.offsetIndex)) ?? [],
            timeFile: try fileSystem.contents(of: path(base, SegmentName.timeIndex)) ?? [],
            logSize: try context.files.file(path(base, SegmentName.log)).size()
        )
        segment.index = index
        segment.storedOffsets = index.offsets.count
        segment.storedTimes = index.times.count
        if let last = index.times.last {
            segment.maxTimestamp = last.timestamp
            segment.maxTimestampOffset = last.offset
        }
        return segment
    }

    /// Walks a segment from its last trusted index entry on, rebuilding the index; true when it was cut.
    private func scan(_ segment: inout Segment, end: inout Int64, limitOffset: Int64?) throws(SystemError) -> Bool {
        let base = segment.baseOffset
        let durable = checkpoint?.durableEnd ?? 0
        let file = try context.files.file(path(base, SegmentName.log))
        let size = try file.size()
        let entry = segment.index?.offsets.last { $0.offset < durable }
        var start = entry?.position ?? 0
        if let entry, case .batch(let found) = try first(file, at: start, limit: size),
            found.header.lastOffset == entry.offset, found.header.baseOffset >= base
        {
            end = found.header.baseOffset
        } else {
            (start, end) = (0, max(end, base))
        }
        segment.index?.drop(fromPosition: start, offset: end)
        if start == 0 { segment = Segment(baseOffset: base) }
        segment.storedOffsets = 0
        segment.storedTimes = 0
        segment.exists = true
        segment.size = start
        var walker = BatchWalker(file, from: start, limit: size, offsets: end..<(limitOffset ?? .max))
        while true {
            switch try walker.next(verifying: true) {
            case .end:
                // A killed process may not have got so far, and readers are about to see it.
                if end > durable { try file.synchronize() }
                return false
            case .batch(let found) where isPlausible(found.header, behind: end):
                note(found.header, in: &segment)
                end = found.header.nextOffset
            case .batch, .broken:
                walker.seek(to: segment.size)
                // Without a checkpoint nothing tells a torn append from damage but what follows it.
                let resumesBelow = checkpoint == nil || end < durable
                if resumesBelow, let next = try walker.resynchronize(minimumOffset: end) {
                    report("bytes \(segment.size)..<\(next) of segment \(base) are no batch")
                    segment.size = next
                    walker.seek(to: next)
                    continue
                }
                if checkpoint != nil, end < durable {
                    // What was acknowledged stays, for readers to be told of its damage.
                    report("bytes \(segment.size)..<\(size) of segment \(base) are no batch")
                    segment.size = size
                } else {
                    try cut(file, segment: segment, from: size)
                }
                return true
            }
        }
    }

    /// A batch below the durable end does not reach beyond it, and those behind it were appended without a gap.
    private func isPlausible(_ header: RecordBatchHeader, behind end: Int64) -> Bool {
        guard let durable = checkpoint?.durableEnd else { return true }
        return end < durable ? header.nextOffset <= durable : header.baseOffset == end
    }

    private func first(_ file: any LogFile, at position: Int, limit: Int) throws(SystemError) -> BatchWalker.Step {
        var walker = BatchWalker(file, from: position, limit: limit)
        return try walker.next(verifying: false)
    }

    private func note(_ header: RecordBatchHeader, in segment: inout Segment) {
        segment.append(
            lastOffset: header.lastOffset,
            maxTimestamp: header.maxTimestamp,
            size: header.totalSize,
            interval: configuration.indexIntervalBytes
        )
    }

    private func cut(_ file: any LogFile, segment: Segment, from size: Int) throws(SystemError) {
        context.logger.warning(
            "torn append cut off",
            metadata: ["log": .string(name), "bytes": .string(String(size - segment.size))]
        )
        try file.truncate(to: segment.size)
        try file.synchronize()
    }

    private func removeSegments(_ bases: [Int64]) throws(SystemError) {
        for base in bases {
            for suffix in [SegmentName.log, SegmentName.offsetIndex, SegmentName.timeIndex] {
                context.files.forget(path(base, suffix))
                try fileSystem.remove(path(base, suffix))
            }
        }
        if !bases.isEmpty { try fileSystem.synchronizeDirectory(directory) }
    }
}
