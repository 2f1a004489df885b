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
    private(set) var window: [UInt8] = []
    private var windowStart: Int
    /// The last batch was found in the window of the one before.
    private(set) var isSameWindow = false
    /// Where the next batch begins.
    private(set) var position: Int

    init(_ file: any LogFile, from position: Int, limit: Int, windowSize: Int = BatchWalker.windowSize) {
        self.file = file
        self.limit = limit
        self.windowSize = max(windowSize, RecordBatchHeader.size)
        self.position = position
        windowStart = position
    }

    /// Goes on at `position`, to step over what is broken.
    mutating func seek(to position: Int) { self.position = position }

    /// The next batch, whole in `window` unless `loading` says that its header is enough. With `verifying`, a wrong
    /// checksum counts as broken.
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
            header.totalSize <= limit - position, header.lastOffsetDelta >= 0
        else { return .broken }
        guard verifying || loading(header) else {
            defer { position += header.totalSize }
            return .batch(Found(header: header, position: position, range: 0..<0))
        }
        try fill(header.totalSize)
        let start = position - windowStart
        guard window.count - start >= header.totalSize else { return .broken }
        if verifying, (try? header.verifyChecksum(window.span, at: start)) == nil { return .broken }
        let found = Found(header: header, position: position, range: start..<start + header.totalSize)
        position += header.totalSize
        return .batch(found)
    }

    /// The first position after the present one where a whole batch with a right checksum and an offset of at least
    /// `offset` begins. Slow, byte by byte: for damaged files only.
    mutating func resynchronize(minimumOffset offset: Int64) throws(SystemError) -> Int? {
        let start = position
        var candidate = start + 1
        while candidate + RecordBatchHeader.size <= limit {
            position = candidate
            if case .batch(let found) = try next(verifying: true), found.header.baseOffset >= offset {
                position = start
                return candidate
            }
            candidate += 1
        }
        position = start
        return nil
    }

    private mutating func fill(_ count: Int) throws(SystemError) {
        let start = position - windowStart
        if start >= 0, start + count <= window.count { return }
        window = try file.read(at: position, count: min(max(count, windowSize), limit - position))
        windowStart = position
    }
}
