import KafkaProtocol
import System
import Telemetry

/// Writes what compaction leaves of a few neighbouring segments into one file beside them. It changes nothing else: as
/// long as `PartitionLog.swapIn` has not begun, the file may be lost.
struct SegmentCleaner {
    /// Why nothing came of it.
    enum Failure: Error {
        /// The log was closed, deleted or cut meanwhile, or the store ends.
        case abandoned
        /// A batch below the durable end is broken.
        case damaged(segment: Int64, position: Int)
        case failed(SystemError)
    }

    /// A group's new segment, whole and synced in its file.
    struct Cleaned: Sendable {
        let replaced: [Segment]
        let offsets: Range<Int64>
        let segment: Segment
    }

    /// Bytes written between two syncs: one large sync would hold up those that clients wait for.
    private static let syncInterval = 4 << 20

    let directory: String
    let context: LogContext
    let plan: CompactionPlan
    /// Told of bytes read or written; waits so that they do not come too fast, and says whether to go on.
    let pace: (Int) -> Bool

    /// The last offset of each key from the first dirty offset on, as far as they fit into memory.
    func latestOffsets() throws(Failure) -> LatestOffsets {
        var latest = LatestOffsets(from: plan.firstDirty, maximum: context.configuration.cleanerKeys)
        for segment in plan.segments where plan.end(of: segment) > plan.firstDirty {
            let isWhole = try forEachBatch(of: segment) { header, window, start throws(RecordBatchError) in
                guard header.lastOffset >= plan.firstDirty else { return true }
                if latest.isFull { return false }
                defer { latest.advance(to: header.nextOffset) }
                guard !header.attributes.contains(.control), !plan.isAborted(header) else { return true }
                var cursor = try RecordCursor(window, at: start)
                while let record = try cursor.next() {
                    if let key = record.key { latest.note(key, at: record.offset) }
                }
                return true
            }
            guard isWhole else { return latest }
            latest.advance(to: plan.end(of: segment))
        }
        return latest
    }

    /// Writes the group's new segment; nil when it would be the same.
    func clean(_ group: [Segment], _ filter: inout BatchFilter) throws(Failure) -> Cleaned? {
        guard let first = group.first, let last = group.last else { return nil }
        let offsets = first.baseOffset..<plan.end(of: last)
        let path = "\(directory)/\(SegmentName.file(offsets, SegmentName.cleaned))"
        var output = try output(path, base: first.baseOffset)
        var isChanged = group.count > 1
        do throws(Failure) {
            for segment in group {
                _ = try forEachBatch(of: segment) { header, window, start throws(RecordBatchError) in
                    switch try filter.filter(header, window, at: start) {
                    case .unchanged: output.add(header, window[start..<start + header.totalSize])
                    case .removed: isChanged = true
                    case .replaced(let batch):
                        isChanged = true
                        output.add(try RecordBatchHeader(batch.span), batch[...])
                    }
                    return true
                } afterBatch: { () throws(SystemError) in
                    let written = try output.flush(atLeast: PartitionLog.writeSize)
                    return written == 0 || pace(written)
                }
            }
            try finish(&output)
            if isChanged { return Cleaned(replaced: group, offsets: offsets, segment: output.segment) }
        } catch {
            discard(path)
            throw error
        }
        discard(path)
        return nil
    }

    /// Removes a file that nobody needs. Should it stay, the next start removes it.
    func discard(_ path: String) {
        do throws(SystemError) {
            try context.fileSystem.remove(path)
        } catch {
            context.logger.warning("a file of compaction stays: \(error)")
        }
    }

    private func output(_ path: String, base: Int64) throws(Failure) -> Output {
        do throws(SystemError) {
            let file = try context.fileSystem.open(path, creating: true)
            try file.truncate(to: 0)
            return Output(file: file, base: base, interval: plan.configuration.indexIntervalBytes)
        } catch {
            throw error.isNotFound ? .abandoned : .failed(error)
        }
    }

    private func finish(_ output: inout Output) throws(Failure) {
        do throws(SystemError) {
            try output.finish()
        } catch {
            throw .failed(error)
        }
    }

    /// Calls `body` with every batch of a segment until it answers false; whether it never did.
    private func forEachBatch(
        of segment: Segment,
        _ body: (RecordBatchHeader, [UInt8], Int) throws(RecordBatchError) -> Bool,
        afterBatch: () throws(SystemError) -> Bool = { true }
    ) throws(Failure) -> Bool {
        var position = 0
        do {
            let file = try context.fileSystem.open("\(directory)/\(segment.fileName)", creating: false)
            var walker = BatchWalker(file, from: 0, limit: segment.size)
            while case .batch(let found) = try walker.next(verifying: true) {
                position = found.position
                guard try body(found.header, walker.window, found.range.lowerBound) else { return false }
                let isSlow = walker.isSameWindow || pace(walker.window.count)
                guard isSlow, try afterBatch() else { throw Failure.abandoned }
            }
            position = walker.position
        } catch let error as SystemError {
            throw error.isNotFound ? .abandoned : .failed(error)
        } catch let failure as Failure {
            throw failure
        } catch {
            // A sound checksum over records that cannot be read.
            throw .damaged(segment: segment.baseOffset, position: position)
        }
        guard position == segment.size else { throw .damaged(segment: segment.baseOffset, position: position) }
        return true
    }

    /// The new segment: its file, and what is on the way there.
    private struct Output {
        private let file: any LogFile
        private let interval: Int
        private(set) var segment: Segment
        private var pending: [UInt8] = []
        private var written = 0
        private var unsynced = 0

        init(file: any LogFile, base: Int64, interval: Int) {
            self.file = file
            self.interval = interval
            segment = Segment(baseOffset: base)
        }

        mutating func add(_ header: RecordBatchHeader, _ batch: ArraySlice<UInt8>) {
            segment.append(
                lastOffset: header.lastOffset,
                maxTimestamp: header.maxTimestamp,
                size: header.totalSize,
                interval: interval
            )
            pending += batch
        }

        /// Writes what has gathered when it is enough; how much that was.
        mutating func flush(atLeast size: Int) throws(SystemError) -> Int {
            guard pending.count >= size, !pending.isEmpty else { return 0 }
            try file.write(pending, at: written)
            let count = pending.count
            written += count
            unsynced += count
            pending.removeAll(keepingCapacity: true)
            if unsynced >= SegmentCleaner.syncInterval {
                try file.synchronize()
                unsynced = 0
            }
            return count
        }

        mutating func finish() throws(SystemError) {
            _ = try flush(atLeast: 0)
            try file.synchronize()
            segment.finishIndex()
            segment.exists = true
        }
    }
}
