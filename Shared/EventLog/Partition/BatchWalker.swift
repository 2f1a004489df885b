import KafkaProtocol
import System

/// Walks the batches of a segment file from a position on, reading it in windows.
struct BatchWalker {
    /// Bytes read at a time, unless a batch is larger.
    static let windowSize = 256 << 10

    /// A batch in the file.
    struct Found {
        let header: RecordBatchHeader
        let position: Int
        /// Its bytes within `window`; empty where they were not asked for.
        let range: Range<Int>
    }

    /// How a step ended.
    enum Step {
        case batch(Found)
        /// The end of the file or the limit.
        case end
        /// What stands at `position` is no batch, or one that runs over the end.
        case broken
    }

    private let file: any LogFile
    private let limit: Int
    private let windowSize: Int
    private let offsets: Range<Int64>
    /// No batch from here on lies before. The checksum does not cover a batch's base offset; its neighbours tell.
    private(set) var expectedOffset: Int64
    private(set) var window: [UInt8] = []
    private var windowStart: Int
    /// The last batch was found in the window of the one before.
    private(set) var isSameWindow = false
    /// Where the next batch begins.
    private(set) var position: Int

    /// All batches lie in `offsets`.
    init(
        _ file: any LogFile,
        from position: Int,
        limit: Int,
        windowSize: Int = BatchWalker.windowSize,
        offsets: Range<Int64> = 0..<Int64.max
    ) {
        self.file = file
        self.limit = limit
        self.windowSize = max(windowSize, RecordBatchHeader.size)
        self.position = position
        self.offsets = offsets
        expectedOffset = offsets.lowerBound
        windowStart = position
    }

    /// Goes on at `position`, to step over what is broken.
    mutating func seek(to position: Int) {
        if position < self.position { expectedOffset = offsets.lowerBound }
        self.position = position
    }

    /// The next batch, whole in `window` unless `loading` says that its header is enough. With `verifying`, a wrong
    /// checksum of one that is loaded counts as broken.
    mutating func next(
        verifying: Bool,
        loading: (RecordBatchHeader) -> Bool = { _ in true }
    ) throws(SystemError) -> Step {
        guard position < limit else { return .end }
        let before = windowStart
        defer { isSameWindow = windowStart == before && !window.isEmpty }
        guard limit - position >= RecordBatchHeader.size else { return .broken }
        try fill(RecordBatchHeader.size)
        guard let header = try? RecordBatchHeader(window.span, at: position - windowStart),
            header.totalSize <= limit - position, header.lastOffsetDelta >= 0,
            try isInOrder(header, isVerified: verifying && loading(header))
        else { return .broken }
        guard loading(header) else {
            defer { step(over: header) }
            return .batch(Found(header: header, position: position, range: 0..<0))
        }
        try fill(header.totalSize)
        let start = position - windowStart
        guard window.count - start >= header.totalSize else { return .broken }
        if verifying, (try? header.verifyChecksum(window.span, at: start)) == nil { return .broken }
        let found = Found(header: header, position: position, range: start..<start + header.totalSize)
        step(over: header)
        return .batch(found)
    }

    private mutating func step(over header: RecordBatchHeader) {
        position += header.totalSize
        expectedOffset = header.nextOffset
    }

    /// Whether the batch's offsets fit between those before and, unless it is verified and without a gap, those behind.
    private func isInOrder(_ header: RecordBatchHeader, isVerified: Bool) throws(SystemError) -> Bool {
        guard header.baseOffset >= expectedOffset, header.nextOffset <= offsets.upperBound else { return false }
        if isVerified, header.baseOffset == expectedOffset { return true }
        let next = position + header.totalSize
        guard limit - next >= RecordBatchHeader.size else { return true }
        let start = next - windowStart
        let bytes =
            start + RecordBatchHeader.size <= window.count
            ? Array(window[start..<start + RecordBatchHeader.size])
            : try file.read(at: next, count: RecordBatchHeader.size)
        guard let following = try? RecordBatchHeader(bytes.span) else { return true }
        return !(expectedOffset..<header.nextOffset).contains(following.baseOffset)
    }

    /// The first position after the present one where a whole batch with a right checksum and an offset of at least
    /// `offset` begins. Slow, byte by byte: for damaged files only.
    mutating func resynchronize(minimumOffset offset: Int64) throws(SystemError) -> Int? {
        let (start, expected) = (position, expectedOffset)
        defer { (position, expectedOffset) = (start, expected) }
        var candidate = start + 1
        while candidate + RecordBatchHeader.size <= limit {
            position = candidate
            if case .batch(let found) = try next(verifying: true), found.header.baseOffset >= offset {
                return candidate
            }
            candidate += 1
        }
        return nil
    }

    private mutating func fill(_ count: Int) throws(SystemError) {
        let start = position - windowStart
        if start >= 0, start + count <= window.count { return }
        window = try file.read(at: position, count: min(max(count, windowSize), limit - position))
        windowStart = position
    }
}
