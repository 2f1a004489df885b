/// The newest batches of a partition in memory: what has to be written yet, and what readers at the end will ask for.
struct LogTail: Sendable {
    /// A batch with its place in the log.
    struct Batch: Sendable {
        let bytes: [UInt8]
        let baseOffset: Int64
        let lastOffset: Int64
        let segment: Int64
        let position: Int
    }

    private var batches: [Batch] = []
    private var head = 0
    /// Index of the first batch that no round of the commit thread has taken yet.
    private var firstPending = 0

    var first: Batch? { head < batches.count ? batches[head] : nil }
    var hasPending: Bool { firstPending < batches.count }

    mutating func append(_ batch: Batch) { batches.append(batch) }

    /// The batches not yet taken; they stay readable in the tail.
    mutating func takePending() -> ArraySlice<Batch> {
        defer { firstPending = batches.count }
        return batches[firstPending...]
    }

    /// Forgets batches from `offset` on: they could not be stored.
    mutating func remove(from offset: Int64) {
        while batches.count > head, let last = batches.last, last.baseOffset >= offset { batches.removeLast() }
        firstPending = min(firstPending, batches.count)
    }

    /// Forgets batches before `offset`: they can be read from disk.
    mutating func trim(before offset: Int64) {
        while head < firstPending, batches[head].lastOffset < offset {
            // The place keeps its numbers and gives its bytes back at once; the array is compacted now and then.
            let old = batches[head]
            batches[head] = Batch(
                bytes: [],
                baseOffset: old.baseOffset,
                lastOffset: old.lastOffset,
                segment: old.segment,
                position: old.position
            )
            head += 1
        }
        if head == batches.count {
            batches.removeAll(keepingCapacity: batches.capacity <= 64)
            (head, firstPending) = (0, 0)
        } else if head > 64, head > batches.count / 2 {
            batches.removeFirst(head)
            firstPending -= head
            head = 0
        }
    }

    /// Batches from the one that holds `offset` on, below `end`, at least one and otherwise at most `maxBytes`; nil
    /// when `offset` lies before the tail.
    func read(from offset: Int64, below end: Int64, maxBytes: Int) -> FetchedRecords? {
        guard let first, first.baseOffset <= offset else { return nil }
        var index = batches[head...].partitioningIndex { $0.lastOffset >= offset }
        var records = FetchedRecords()
        while index < batches.count, batches[index].lastOffset < end {
            let bytes = batches[index].bytes
            guard records.chunks.isEmpty || records.byteCount + bytes.count <= maxBytes else { break }
            records.append(bytes[...], nextOffset: batches[index].lastOffset + 1)
            index += 1
        }
        return records
    }
}

/// Whole record batches in log order, to be sent as they are.
public struct FetchedRecords: Sendable {
    /// The bytes in pieces, for one gathering write. A piece holds one batch or several.
    public private(set) var chunks: [ArraySlice<UInt8>] = []
    /// The sum of the pieces.
    public private(set) var byteCount = 0
    /// The offset after the last record; 0 when there is none.
    public private(set) var nextOffset: Int64 = 0

    /// No records.
    public init() {}

    /// Adds whole batches at the end.
    mutating func append(_ chunk: ArraySlice<UInt8>, nextOffset: Int64) {
        chunks.append(chunk)
        byteCount += chunk.count
        self.nextOffset = nextOffset
    }

    /// Adds a batch that lies in `window`; it lengthens the last piece when that ends where this begins in it.
    mutating func append(_ window: [UInt8], _ range: Range<Int>, isContiguous: Bool, nextOffset: Int64) {
        byteCount += range.count
        self.nextOffset = nextOffset
        if isContiguous, let last = chunks.last, last.endIndex == range.lowerBound {
            chunks[chunks.count - 1] = window[last.startIndex..<range.upperBound]
        } else {
            chunks.append(window[range])
        }
    }
}
