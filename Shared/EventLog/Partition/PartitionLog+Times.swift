public import KafkaProtocol
import Synchronization
import System

/// Look-ups by time (ListOffsets).
extension PartitionLog {
    /// A record found by its time.
    public struct TimedOffset: Sendable, Equatable {
        /// Where the record lies.
        public let offset: Int64
        /// Its time in milliseconds.
        public let timestamp: Int64
    }

    /// The first durable record with a time of at least `timestamp` (milliseconds), be it a transaction's marker, as in
    /// Apache Kafka; nil when there is none. Blocks.
    public func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimedOffset? {
        let (start, end, segments) = try opened { ($0.logStart, $0.durableEnd, $0.segments) }
        var from = end
        for (index, segment) in segments.enumerated() {
            guard let found = try firstCandidate(segment, timestamp: timestamp, isLast: index == segments.count - 1)
            else { continue }
            from = max(start, found)
            break
        }
        return try search(from: from) {
            $0.maxTimestamp >= timestamp
        } matching: {
            $0.timestamp >= timestamp
        }
    }

    /// The durable record with the greatest time (ListOffsets -3), the first of several, be it a transaction's marker, as
    /// in Apache Kafka; nil when the log is empty. Reads the indexes, and batches only behind their last entries. Blocks.
    public func maximumTimestamp() throws(LogError) -> TimedOffset? {
        let (start, segments) = try opened { ($0.logStart, $0.segments) }
        var greatest: SegmentIndex.TimeEntry?
        for segment in segments {
            let found: SegmentIndex.TimeEntry?
            do throws(SystemError) {
                found = try largestTimestamp(of: segment)
            } catch {
                // Retention may have removed its file meanwhile.
                guard error.isNotFound else { throw .readFailed(error) }
                continue
            }
            if let found, found.timestamp > greatest?.timestamp ?? -1 { greatest = found }
        }
        guard let greatest else { return nil }
        // The index knows the last offset of the batch.
        return try search(from: max(start, greatest.offset)) {
            $0.maxTimestamp >= greatest.timestamp
        } matching: {
            $0.timestamp >= greatest.timestamp
        }
    }

    /// The greatest time of a segment's durable batches with a record that is not deleted, and the batch's last offset.
    private func largestTimestamp(of segment: Segment) throws(SystemError) -> SegmentIndex.TimeEntry? {
        let (start, end) = state.withLock { ($0.logStart, $0.durableEnd) }
        var index = try index(of: segment)
        var largest = index.times.last { $0.offset < end }
        if let found = largest, found.offset < start { largest = nil }
        // An index that begins before the log's start may know only a time that is gone.
        let known = largest == nil ? start : index.offsets.last { $0.offset < end }?.offset ?? segment.baseOffset
        guard segment.size > 0 else { return largest }
        index.keep(offsets: index.offsets.partitioningIndex { $0.offset > known }, times: 0)
        let file = try context.files.file("\(directory)/\(segment.fileName)", revision: segment.revision)
        let from = index.offsets.last?.position ?? 0
        var walker = BatchWalker(file, from: from, limit: segment.size, windowSize: Self.headerWindow)
        while case .batch(let found) = try walker.next(verifying: false, loading: { _ in false }) {
            let header = found.header
            guard header.lastOffset < end else { break }
            guard header.lastOffset >= start, header.maxTimestamp > largest?.timestamp ?? -1 else { continue }
            largest = .init(timestamp: header.maxTimestamp, offset: header.lastOffset)
        }
        return largest
    }

    /// Bytes read at a time where only headers are looked at.
    private static let headerWindow = 16 << 10

    /// Where to begin the search in a segment; nil when its index says that all of it is earlier.
    private func firstCandidate(_ segment: Segment, timestamp: Int64, isLast: Bool) throws(LogError) -> Int64? {
        if isLast { return segment.index?.offset(forTimestamp: timestamp) ?? segment.baseOffset }
        let index: SegmentIndex
        do throws(SystemError) {
            index = try self.index(of: segment)
        } catch {
            throw .readFailed(error)
        }
        if let last = index.times.last, last.timestamp < timestamp { return nil }
        return index.offset(forTimestamp: timestamp)
    }

    /// The first match in the batch that holds `offset` or behind it.
    private func search(
        from offset: Int64,
        inBatch isCandidate: (RecordBatchHeader) -> Bool,
        matching isMatch: (Record) -> Bool
    ) throws(LogError) -> TimedOffset? {
        let start = bounds.start
        var result: TimedOffset?
        try forEachBatch(from: offset) { header, bytes throws(LogError) in
            guard isCandidate(header) else { return true }
            do throws(RecordBatchError) {
                var cursor = try RecordCursor(bytes)
                while let record = try cursor.next() {
                    guard record.offset >= start, isMatch(record) else { continue }
                    result = TimedOffset(offset: record.offset, timestamp: record.timestamp)
                    return false
                }
                return true
            } catch {
                throw .corruptBatch
            }
        }
        return result
    }

    /// Calls `body` with every durable batch from the one that holds `offset` on until it answers false. Blocks.
    public func forEachBatch(
        from offset: Int64,
        _ body: (RecordBatchHeader, [UInt8]) throws(LogError) -> Bool
    ) throws(LogError) {
        var next = offset
        while next < bounds.durableEnd {
            let records = try readBlocking(from: next, maxBytes: 1 << 20)
            if records.chunks.isEmpty { return }
            for var rest in records.chunks {
                while !rest.isEmpty {
                    let head = Array(rest.prefix(RecordBatchHeader.size))
                    guard let header = try? RecordBatchHeader(head.span) else { throw .corruptBatch }
                    guard try body(header, Array(rest.prefix(header.totalSize))) else { return }
                    rest = rest.dropFirst(header.totalSize)
                    next = header.nextOffset
                }
            }
        }
    }
}
