import KafkaProtocol
import Synchronization
import System

/// Reads of the disk. They block: on a read thread of the store, never on an event loop.
extension PartitionLog {
    /// Where to look for an offset on disk.
    private struct Place {
        let segment: Int64
        let limit: Int
        let index: SegmentIndex?
        /// Base offset of the segment behind.
        let next: Int64?
        let end: Int64
    }

    /// Batches from the one that holds `offset` on, from disk or memory: at least one if there is any, beyond that at
    /// most `maxBytes`. Blocks. Errors: offsetOutOfRange, corruptBatch when that very batch is damaged (those behind it
    /// stay readable), readFailed.
    public func readBlocking(
        from offset: Int64,
        maxBytes: Int,
        committedOnly: Bool = false
    ) throws(LogError) -> FetchedRecords {
        var offset = offset
        while true {
            if let records = try read(from: offset, maxBytes: maxBytes, committedOnly: committedOnly) { return records }
            guard let place = place(for: offset, committedOnly: committedOnly) else { return FetchedRecords() }
            let records: FetchedRecords
            do throws(SystemError) {
                records = try scan(place, from: offset, maxBytes: maxBytes)
            } catch {
                // Retention may have removed the file meanwhile: then the offset is out of range by now.
                guard error.isNotFound, offset < bounds.start else { throw .readFailed(error) }
                throw .offsetOutOfRange
            }
            if !records.chunks.isEmpty { return records }
            // Nothing of this segment lies at or behind the offset: go on in the next.
            if let next = place.next, next > offset { offset = next } else { throw .corruptBatch }
            if offset >= place.end { return FetchedRecords() }
        }
    }

    private func place(for offset: Int64, committedOnly: Bool) -> Place? {
        state.withLock { state in
            let end = committedOnly ? state.stableEnd : state.durableEnd
            guard offset < end else { return nil }
            let index = state.segmentIndex(for: offset)
            let segment = state.segments[index]
            var limit = segment.size
            if let first = state.tail.first, first.segment == segment.baseOffset { limit = first.position }
            return Place(
                segment: segment.baseOffset,
                limit: limit,
                index: segment.index,
                next: index + 1 < state.segments.count
                    ? state.segments[index + 1].baseOffset : state.tail.first?.baseOffset,
                end: end
            )
        }
    }

    private func scan(_ place: Place, from offset: Int64, maxBytes: Int) throws(SystemError) -> FetchedRecords {
        let file = try context.files.file(path(place.segment, SegmentName.log))
        let index = try index(of: place.segment, inMemory: place.index, logSize: place.limit)
        let window = min(max(maxBytes, 4096) + 8192, 8 << 20)
        let start = index.position(for: offset)
        var walker = BatchWalker(file, from: min(start, place.limit), limit: place.limit, windowSize: window)
        var records = FetchedRecords()
        var isSynchronized = false
        while true {
            switch try walker.next(verifying: true) {
            case .end: return records
            case .broken:
                // A wrong index entry: look again from the segment's start. A damaged batch: it is reported when the
                // reader asks for it, and stepped over when it lies before.
                if !records.chunks.isEmpty { return records }
                if !isSynchronized, start > 0 {
                    isSynchronized = true
                    walker.seek(to: 0)
                    continue
                }
                isSynchronized = true
                guard let next = try walker.resynchronize(minimumOffset: place.segment) else { return records }
                if try !Self.batch(at: next, in: &walker, isAtOrBefore: offset) { return records }
            case .batch(let found):
                isSynchronized = true
                if found.header.lastOffset < offset { continue }
                if found.header.baseOffset >= place.end { return records }
                let size = found.range.count
                guard records.chunks.isEmpty || records.byteCount + size <= maxBytes else { return records }
                records.append(walker.window[found.range])
            }
        }
    }

    /// Moves the walker to `position`; whether the batch there begins at or before `offset`.
    private static func batch(
        at position: Int,
        in walker: inout BatchWalker,
        isAtOrBefore offset: Int64
    ) throws(SystemError) -> Bool {
        walker.seek(to: position)
        guard case .batch(let found) = try walker.next(verifying: false) else { return false }
        walker.seek(to: position)
        return found.header.baseOffset <= offset
    }

    /// The index of a segment, from its files when it is not in memory.
    func index(of segment: Int64, inMemory: SegmentIndex?, logSize: Int) throws(SystemError) -> SegmentIndex {
        if let inMemory { return inMemory }
        return SegmentIndex(
            baseOffset: segment,
            offsetFile: try context.fileSystem.contents(of: path(segment, SegmentName.offsetIndex)) ?? [],
            timeFile: try context.fileSystem.contents(of: path(segment, SegmentName.timeIndex)) ?? [],
            logSize: logSize
        )
    }
}
