import KafkaProtocol
import Synchronization
import System

/// What one go of compaction works on: a log as it stood when it was looked at.
struct CompactionPlan: Sendable {
    /// The closed segments from the log's start on, oldest first: all of what may be rewritten.
    let segments: [Segment]
    /// Compaction has been through everything before.
    let firstDirty: Int64
    /// The offset after the last of the segments.
    let end: Int64
    /// The share of their bytes that is new.
    let dirtyRatio: Double
    let configuration: TopicConfiguration
    fileprivate let aborted: [Int64: [AbortedTransaction]]
    fileprivate let producers: [Int64: ProducerTable.Entry]
    fileprivate let durableEnd: Int64

    /// Whether the batch belongs to a transaction that was aborted.
    func isAborted(_ header: RecordBatchHeader) -> Bool {
        aborted[header.producerID]?.contains {
            $0.firstOffset <= header.baseOffset && header.baseOffset <= $0.lastOffset
        } ?? false
    }

    /// Whether the batch tells the last sequence or the epoch of a producer that is still known.
    func isLast(_ header: RecordBatchHeader) -> Bool {
        guard header.producerID >= 0, let producer = producers[header.producerID] else { return false }
        guard let newest = producer.batches.first else {
            return header.attributes.contains(.control) && header.producerEpoch == producer.epoch
        }
        if header.attributes.contains(.control) { return false }
        // What is not durable yet may be gone after a crash: then the last is one of those before.
        let last = producer.batches.last { $0.lastOffset < durableEnd }
        return last.map { $0.lastOffset == header.lastOffset } ?? (header.lastOffset < newest.firstOffset)
    }

    /// The segments with records before `limit`, put together so that each group fits into one segment.
    func groups(upTo limit: Int64) -> [[Segment]] {
        var groups: [[Segment]] = []
        var size = 0
        for segment in segments where segment.baseOffset < limit {
            let fits = size + segment.size <= configuration.segmentBytes
            let spans = groups.last?.first.map { end(of: segment) - $0.baseOffset <= Int64(Int32.max) } ?? false
            if fits, spans {
                groups[groups.count - 1].append(segment)
                size += segment.size
            } else {
                groups.append([segment])
                size = segment.size
            }
        }
        return groups
    }

    /// The base offset of the segment behind.
    func end(of segment: Segment) -> Int64 {
        segments.first { $0.baseOffset > segment.baseOffset }?.baseOffset ?? end
    }
}

extension PartitionLog {
    /// What compaction should do now; nil when nothing is due. Blocks.
    func compactionPlan(now: Int64) throws(LogError) -> CompactionPlan? {
        let mayBeDue = state.withLock { state in
            state.configuration.compacts && state.failure == nil && !state.isUncleanable
                && (state.isOpen || state.rest.upkeepDue <= now)
        }
        guard mayBeDue else { return nil }
        let state = try opened { $0.hasCleanable ? $0 : nil }
        guard let state else { return nil }
        let configuration = state.configuration
        var segments: [Segment] = []
        var end = state.firstDirty
        var (dirty, total) = (0, 0)
        var isOverdue = false
        for index in state.cleanableSegments {
            let segment = state.segments[index]
            let segmentEnd = state.end(ofSegment: index)
            if segmentEnd > state.firstDirty {
                let lag = configuration.minimumCompactionLag
                if lag > 0, now - (try largestTimestamp(of: segment)) < lag { break }
                dirty += segment.size
                if configuration.maximumCompactionLag < .max, !isOverdue {
                    let first = try firstTimestamp(of: segment)
                    isOverdue = first.map { now - $0 > configuration.maximumCompactionLag } ?? false
                }
            }
            total += segment.size
            segments.append(segment)
            end = segmentEnd
        }
        let ratio = total == 0 ? 0 : Double(dirty) / Double(total)
        guard end > state.firstDirty, ratio > configuration.minimumDirtyRatio || isOverdue else { return nil }
        return CompactionPlan(
            segments: segments,
            firstDirty: state.firstDirty,
            end: end,
            dirtyRatio: ratio,
            configuration: configuration,
            aborted: Dictionary(grouping: state.aborted.entries.filter { $0.lastOffset < state.durableEnd }) {
                $0.producerID
            },
            producers: state.producers.entries,
            durableEnd: state.durableEnd
        )
    }

    /// The greatest time of a closed segment, from its index where it is not in memory; far in the past when unknown.
    private func largestTimestamp(of segment: Segment) throws(LogError) -> Int64 {
        if segment.maxTimestamp >= 0 { return segment.maxTimestamp }
        do throws(SystemError) {
            return try index(of: segment).times.last?.timestamp ?? 0
        } catch {
            throw .readFailed(error)
        }
    }

    /// The time of the first batch of a closed segment.
    private func firstTimestamp(of segment: Segment) throws(LogError) -> Int64? {
        if let known = segment.firstTimestamp { return known }
        do throws(SystemError) {
            let file = try context.files.file("\(directory)/\(segment.fileName)", revision: segment.revision)
            var walker = BatchWalker(file, from: 0, limit: segment.size, windowSize: RecordBatchHeader.size)
            guard case .batch(let found) = try walker.next(verifying: false, loading: { _ in false }) else {
                return nil
            }
            return found.header.maxTimestamp
        } catch {
            throw .readFailed(error)
        }
    }
}

extension PartitionState {
    /// There is something that compaction has not been through.
    var hasCleanable: Bool { cleanableSegments.last.map { end(ofSegment: $0) > firstDirty } ?? false }

    fileprivate var firstDirty: Int64 { max(cleanedEnd, logStart, segments[0].baseOffset) }

    /// The segments that compaction may rewrite: closed, and closed before the durable end, so that a full disk does not
    /// make one of them the active one again; without an open transaction, and with all their transactions' ends durable.
    fileprivate var cleanableSegments: Range<Int> {
        var limit = min(durableMark.active.baseOffset, stableEnd)
        for transaction in aborted.entries where transaction.lastOffset >= durableEnd {
            limit = min(limit, transaction.firstOffset)
        }
        let count = segments.indices.dropLast().prefix { end(ofSegment: $0) <= limit }.count
        return 0..<count
    }

    fileprivate func end(ofSegment index: Int) -> Int64 {
        index + 1 < segments.count ? segments[index + 1].baseOffset : nextOffset
    }
}
