/// What is known of one segment of a partition. The last segment of a log is the active one: only it grows.
struct Segment: Sendable {
    /// Offset that names its files; no record in it lies before.
    let baseOffset: Int64
    /// Bytes of the log, counting what is still to be written.
    var size = 0
    /// In memory for the active segment and until a closed one is on disk; read from its files when needed else.
    var index: SegmentIndex?
    /// Entries of the index that its files hold already.
    var storedOffsets = 0
    var storedTimes = 0
    var bytesSinceIndexEntry = 0
    /// The greatest timestamp so far, and the last offset of the batch that has it.
    var maxTimestamp: Int64 = -1
    var maxTimestampOffset: Int64
    /// The greatest timestamp of the first batch: `segment.ms` counts from it.
    var firstTimestamp: Int64?
    /// Its files are on disk.
    var exists = false
    /// How often compaction has put another file in its place since the start: who holds the old one finds out by this.
    var revision = 0
    /// The name of its log while that is being put in place.
    var swapName: String?

    /// The name of the log's file.
    var fileName: String { swapName ?? SegmentName.file(baseOffset, SegmentName.log) }

    init(baseOffset: Int64) {
        self.baseOffset = baseOffset
        maxTimestampOffset = baseOffset
        index = SegmentIndex(baseOffset: baseOffset)
    }

    /// Accounts for a batch at the end (order of steps as in Kafka's LogSegment.append).
    mutating func append(lastOffset: Int64, maxTimestamp timestamp: Int64, size batchSize: Int, interval: Int) {
        if timestamp > maxTimestamp {
            maxTimestamp = timestamp
            maxTimestampOffset = lastOffset
        }
        if firstTimestamp == nil { firstTimestamp = timestamp }
        if bytesSinceIndexEntry > interval {
            index?.append(offset: lastOffset, position: size)
            index?.append(timestamp: maxTimestamp, offset: maxTimestampOffset)
            bytesSinceIndexEntry = 0
        }
        bytesSinceIndexEntry += batchSize
        size += batchSize
    }

    /// Closes the time index with the greatest timestamp, as Kafka does when a segment is rolled.
    mutating func finishIndex() {
        index?.append(timestamp: maxTimestamp, offset: maxTimestampOffset)
    }

    /// The scalars of a segment, to take it back to after a full disk.
    struct Mark: Sendable {
        let segment: Segment
        let offsets: Int
        let times: Int

        var baseOffset: Int64 { segment.baseOffset }

        init(_ segment: Segment) {
            offsets = segment.index?.offsets.count ?? 0
            times = segment.index?.times.count ?? 0
            var bare = segment
            bare.index = nil
            self.segment = bare
        }

        private init(segment: Segment, offsets: Int, times: Int) {
            self.segment = segment
            self.offsets = offsets
            self.times = times
        }

        /// The same place, with what is on disk by now.
        func withStored(from current: Segment) -> Mark {
            var segment = self.segment
            segment.exists = current.exists
            segment.storedOffsets = current.storedOffsets
            segment.storedTimes = current.storedTimes
            return Mark(segment: segment, offsets: offsets, times: times)
        }

        func restore(_ current: Segment) -> Segment {
            var restored = segment
            restored.index = current.index
            restored.index?.keep(offsets: offsets, times: times)
            return restored
        }
    }
}

/// Names of the files of a partition, as in Apache Kafka.
enum SegmentName {
    static let log = ".log"
    static let offsetIndex = ".index"
    static let timeIndex = ".timeindex"
    static let producers = ".producers"
    /// A compacted segment that is being written, and one that is whole and about to take its place.
    static let cleaned = ".cleaned"
    static let swap = ".swap"

    /// `00000000000000000042.log`
    static func file(_ offset: Int64, _ suffix: String) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + suffix
    }

    /// `00000000000000000042-00000000000000000100.swap`: takes the place of the segments with these offsets.
    static func file(_ offsets: Range<Int64>, _ suffix: String) -> String {
        file(offsets.lowerBound, "-") + file(offsets.upperBound, suffix)
    }

    /// The offsets in a file's name; nil when it is not of this kind.
    static func offsets(_ name: String, _ suffix: String) -> Range<Int64>? {
        let parts = name.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let base = offset(parts[0] + "-", "-"), let end = offset(String(parts[1]), suffix),
            base < end
        else { return nil }
        return base..<end
    }

    /// The offset in a file's name; nil when it is not of this kind.
    static func offset(_ name: String, _ suffix: String) -> Int64? {
        guard name.hasSuffix(suffix) else { return nil }
        let digits = name.dropLast(suffix.count)
        guard digits.count == 20, let offset = Int64(digits), offset >= 0 else { return nil }
        return offset
    }
}
