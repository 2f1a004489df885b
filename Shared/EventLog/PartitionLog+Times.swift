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

    /// The first durable record with a time of at least `timestamp` (milliseconds); nil when there is none. Blocks.
    public func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimedOffset? {
        let (start, end, segments) = state.withLock { ($0.logStart, $0.durableEnd, $0.segments) }
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

    /// The durable record with the greatest time (ListOffsets -3); nil when the log is empty. Blocks.
    public func maximumTimestamp() throws(LogError) -> TimedOffset? {
        let bounds = self.bounds
        var greatest: RecordBatchHeader?
        try forEachBatch(from: bounds.start) { header, _ in
            if header.maxTimestamp > (greatest?.maxTimestamp ?? -1) { greatest = header }
            return true
        }
        guard let greatest else { return nil }
        return try search(from: greatest.baseOffset) { _ in
            true
        } matching: {
            $0.timestamp >= greatest.maxTimestamp
        }
    }

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

    private func search(
        from offset: Int64,
        inBatch isCandidate: (RecordBatchHeader) -> Bool,
        matching isMatch: (Record) -> Bool
    ) throws(LogError) -> TimedOffset? {
        let start = bounds.start
        var result: TimedOffset?
        try forEachBatch(from: offset) { header, bytes throws(LogError) in
            guard isCandidate(header), !header.attributes.contains(.control) else { return true }
            do throws(RecordBatchError) {
                var cursor = try RecordCursor(bytes)
                while let record = try cursor.next() {
                    guard record.offset >= max(offset, start), isMatch(record) else { continue }
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
