import KafkaProtocol
import Synchronization
import System
import Telemetry

/// Puts a compacted segment in the place of those that it was made from, so that a crash at any point leaves the old ones
/// or the new one, and the next start finishes what was begun:
///
/// ```
///   1  <base>-<end>.cleaned   synced, renamed to .swap, directory synced: decided
///   2  all segments in base..<end and their indexes removed, directory synced
///   3  indexes written, .swap renamed to <base>.log, directory synced
/// ```
/// All calls block.
struct SegmentSwap {
    let directory: String
    let fileSystem: any FileSystem
    let offsets: Range<Int64>

    var path: String { "\(directory)/\(name)" }
    var name: String { SegmentName.file(offsets, SegmentName.swap) }
    private var target: String { "\(directory)/\(SegmentName.file(offsets.lowerBound, SegmentName.log))" }

    /// Step 1; after an error nothing has changed.
    func prepare() throws(SystemError) {
        try fileSystem.rename("\(directory)/\(SegmentName.file(offsets, SegmentName.cleaned))", to: path)
    }

    func removeReplaced(_ bases: [Int64]) throws(SystemError) {
        for base in bases {
            for suffix in [SegmentName.log, SegmentName.offsetIndex, SegmentName.timeIndex] {
                try fileSystem.remove("\(directory)/\(SegmentName.file(base, suffix))")
            }
        }
        try fileSystem.synchronizeDirectory(directory)
    }

    func store(_ index: SegmentIndex) throws(SystemError) {
        let parts = [
            (SegmentName.offsetIndex, index.encodedOffsets(from: 0)),
            (SegmentName.timeIndex, index.encodedTimes(from: 0)),
        ]
        for (suffix, bytes) in parts {
            let file = try fileSystem.open("\(directory)/\(SegmentName.file(index.baseOffset, suffix))", creating: true)
            try file.truncate(to: 0)
            try file.write(bytes, at: 0)
        }
    }

    /// The file has its name from here on; `finish` makes that durable.
    func rename() throws(SystemError) { try fileSystem.rename(path, to: target) }

    func finish() throws(SystemError) { try fileSystem.synchronizeDirectory(directory) }

    /// Goes on from step 2 after a crash, with all names in the directory.
    func resume(_ names: [String], interval: Int) throws(SystemError) {
        let bases = names.compactMap { SegmentName.offset($0, SegmentName.log) }.filter(offsets.contains)
        try removeReplaced(Set(bases + [offsets.lowerBound]).sorted())
        let file = try fileSystem.open(path, creating: false)
        var segment = Segment(baseOffset: offsets.lowerBound)
        var walker = BatchWalker(file, from: 0, limit: try file.size())
        while case .batch(let found) = try walker.next(verifying: false, loading: { _ in false }) {
            segment.append(
                lastOffset: found.header.lastOffset,
                maxTimestamp: found.header.maxTimestamp,
                size: found.header.totalSize,
                interval: interval
            )
        }
        segment.finishIndex()
        if let index = segment.index {
            do throws(SystemError) {
                try store(index)
            } catch {
                // Reads do without, slower.
                guard error.isStorageFull else { throw error }
            }
        }
        try rename()
        try finish()
    }
}

extension PartitionLog {
    /// Whether the segments that a compacted one was made from are still there as they were.
    func holds(_ cleaned: SegmentCleaner.Cleaned) -> Bool {
        state.withLock { $0.failure == nil && $0.range(of: cleaned.replaced) != nil }
    }

    /// Puts a compacted segment, prepared, in its place. Nothing else may change the log's segments at this time: on the
    /// job thread. After an error the files are in no known state.
    func swapIn(_ cleaned: SegmentCleaner.Cleaned, _ swap: SegmentSwap) throws(SystemError) {
        try swap.finish()
        let revision = state.withLock { $0.replace(cleaned, swapName: swap.name) }
        for old in cleaned.replaced {
            context.files.forget("\(directory)/\(old.fileName)", revision: old.revision)
        }
        try swap.removeReplaced(cleaned.replaced.map(\.baseOffset))
        if let index = cleaned.segment.index {
            do throws(SystemError) {
                try swap.store(index)
            } catch {
                // On a full disk reads are slower: it can be made again from the log.
                guard error.isStorageFull else { throw error }
                context.logger.warning("no room for an index: \(error)")
            }
        }
        // Readers look for the file under the lock: it has one name or the other.
        try state.withLock { state throws(SystemError) in
            try swap.rename()
            state.settle(cleaned.segment.baseOffset)
        }
        context.files.forget(swap.path, revision: revision)
        try swap.finish()
    }

    /// Forgets aborted transactions of which nothing is left, here and in what a start would read, before their markers
    /// go: a reader that skips a producer up to a marker that is not there would skip too much. On the job thread.
    func forgetAborted(_ markers: Set<Int64>, barrier: () -> Void) throws(SystemError) {
        guard !markers.isEmpty else { return }
        state.withLock { $0.aborted.remove(markers: markers) }
        barrier()
        for name in try context.fileSystem.names(in: directory) where name.hasSuffix(SegmentName.producers) {
            try context.fileSystem.remove("\(directory)/\(name)")
        }
        try context.fileSystem.synchronizeDirectory(directory)
        state.withLock { state in
            state.snapshots = []
            state.isUnsettled = true
        }
    }
}

extension PartitionState {
    /// Where these segments are, when they are still there as they were.
    fileprivate func range(of old: [Segment]) -> Range<Int>? {
        guard let start = segments.firstIndex(where: { $0.baseOffset == old.first?.baseOffset }),
            start + old.count < segments.count
        else { return nil }
        let range = start..<start + old.count
        let isSame = zip(segments[range], old).allSatisfy {
            $0.baseOffset == $1.baseOffset && $0.revision == $1.revision && $0.size == $1.size
        }
        return isSame ? range : nil
    }

    /// Shows readers the new segment; its revision.
    fileprivate mutating func replace(_ cleaned: SegmentCleaner.Cleaned, swapName: String) -> Int {
        guard let range = range(of: cleaned.replaced) else { return 0 }
        swaps += 1
        var segment = cleaned.segment
        segment.revision = swaps
        segment.swapName = swapName
        segments.replaceSubrange(range, with: [segment])
        // Their places are those in the old files.
        tail.trim(before: cleaned.offsets.upperBound)
        return segment.revision
    }

    /// The new segment's files have their names, and its index can be read from them.
    fileprivate mutating func settle(_ base: Int64) {
        guard let index = segments.firstIndex(where: { $0.baseOffset == base }) else { return }
        // Who has not opened the file yet has to look again.
        swaps += 1
        segments[index].swapName = nil
        segments[index].index = nil
    }
}
