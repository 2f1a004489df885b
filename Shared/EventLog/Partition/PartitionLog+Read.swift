import KafkaProtocol
import Synchronization
import System

/// Reads of the disk. They block: on a read thread of the store, never on an event loop.
extension PartitionLog {
    /// Most bytes read at a time, unless a batch is larger.
    private static let largestWindow = 8 << 20

    /// Where to look for an offset on disk.
    private struct Place {
        let segment: Segment
        let limit: Int
        /// How often compaction had changed the segments.
        let swaps: Int
        /// Base offset of the segment behind.
        let next: Int64?
        let end: Int64
        /// No batch of the segment on disk reaches beyond.
        let bound: Int64
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
            guard let place = try place(for: offset, committedOnly: committedOnly) else { return FetchedRecords() }
            let outcome: Result<FetchedRecords?, SystemError>
            do throws(SystemError) {
                outcome = .success(try scan(place, from: offset, maxBytes: maxBytes))
            } catch {
                outcome = .failure(error)
            }
            if isOutdated(place) { continue }
            let records: FetchedRecords?
            do throws(SystemError) {
                records = try outcome.get()
            } catch {
                // Retention may have removed the file meanwhile: then the offset is out of range by now.
                guard error.isNotFound, offset < bounds.start else { throw .readFailed(error) }
                throw .offsetOutOfRange
            }
            guard let records else { throw .corruptBatch }
            if !records.chunks.isEmpty { return records }
            // Nothing of this segment lies at or behind the offset: go on in the next.
            guard let next = place.next, next > offset, next < place.end else { return FetchedRecords() }
            offset = next
        }
    }

    /// Whether compaction has put other files in place since: what was read may be of both, and an old file must not stay
    /// open under its name.
    private func isOutdated(_ place: Place) -> Bool {
        guard state.withLock({ $0.swaps }) != place.swaps else { return false }
        context.files.forget("\(directory)/\(place.segment.fileName)", revision: place.segment.revision)
        return true
    }

    private func place(for offset: Int64, committedOnly: Bool) throws(LogError) -> Place? {
        let now = context.clock.now.milliseconds
        return try opened { state in
            state.lastUse = now
            let end = committedOnly ? state.stableEnd : state.durableEnd
            guard offset < end else { return nil }
            let index = state.segmentIndex(for: offset)
            let segment = state.segments[index]
            var limit = segment.size
            if let first = state.tail.first, first.segment == segment.baseOffset { limit = first.position }
            let next =
                index + 1 < state.segments.count ? state.segments[index + 1].baseOffset : state.tail.first?.baseOffset
            return Place(
                segment: segment,
                limit: limit,
                swaps: state.swaps,
                next: next,
                end: end,
                bound: next ?? state.nextOffset
            )
        }
    }

    /// Nil when the batch that holds `offset` is damaged; empty when the segment ends before it.
    private func scan(_ place: Place, from offset: Int64, maxBytes: Int) throws(SystemError) -> FetchedRecords? {
        let segment = place.segment
        let file = try context.files.file("\(directory)/\(segment.fileName)", revision: segment.revision)
        let index = try index(of: segment)
        let window = min(max(maxBytes, 4096) + 8192, Self.largestWindow)
        let entry = index.entry(for: offset)
        let start = min(entry?.position ?? 0, place.limit)
        let offsets = segment.baseOffset..<max(segment.baseOffset, place.bound)
        var walker = BatchWalker(file, from: start, limit: place.limit, windowSize: window, offsets: offsets)
        var records = FetchedRecords()
        var mayRestart = start > 0
        while true {
            switch try walker.next(verifying: true) {
            case .end: return records
            case .batch(let found) where mayRestart && found.header.lastOffset != entry?.offset:
                mayRestart = false
                walker.seek(to: 0)
            case .broken:
                // A damaged batch is reported when the reader asks for it, and stepped over when it lies before. A
                // wrong index entry looks the same at first: then the search begins again at the segment's start.
                if !records.chunks.isEmpty { return records }
                if mayRestart {
                    mayRestart = false
                    walker.seek(to: 0)
                    continue
                }
                guard let next = try walker.resynchronize(minimumOffset: segment.baseOffset),
                    try Self.batch(at: next, in: &walker, isAtOrBefore: offset)
                else { return nil }
            case .batch(let found):
                mayRestart = false
                if found.header.lastOffset < offset { continue }
                let isInRoom = records.chunks.isEmpty || records.byteCount + found.range.count <= maxBytes
                guard found.header.baseOffset < place.end, isInRoom else { return records }
                records.append(
                    walker.window,
                    found.range,
                    isContiguous: walker.isSameWindow,
                    nextOffset: found.header.nextOffset
                )
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
    func index(of segment: Segment) throws(SystemError) -> SegmentIndex {
        if let index = segment.index { return index }
        let base = segment.baseOffset
        return SegmentIndex(
            baseOffset: base,
            offsetFile: try context.fileSystem.contents(of: path(base, SegmentName.offsetIndex)) ?? [],
            timeFile: try context.fileSystem.contents(of: path(base, SegmentName.timeIndex)) ?? [],
            logSize: segment.size
        )
    }
}
