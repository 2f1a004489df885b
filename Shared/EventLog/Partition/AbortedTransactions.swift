/// Aborted transactions of a partition, for readers with isolation level read_committed.
public struct AbortedTransaction: Sendable, Equatable {
    /// The producer whose records from `firstOffset` on are to be skipped up to its abort marker.
    public let producerID: Int64
    /// Where the transaction began.
    public let firstOffset: Int64
    /// Where its abort marker lies.
    public let lastOffset: Int64
}

/// The aborted transactions of a partition in the order of their markers.
struct AbortedTransactions: Sendable, Equatable {
    private(set) var entries: [AbortedTransaction] = []

    mutating func append(_ transaction: AbortedTransaction) { entries.append(transaction) }

    /// Those that touch the range: a reader of it has to skip them.
    func overlapping(_ range: Range<Int64>) -> [AbortedTransaction] {
        let first = entries.partitioningIndex { $0.lastOffset >= range.lowerBound }
        return entries[first...].filter { $0.firstOffset < range.upperBound }
    }

    /// Forgets those whose markers lie at these offsets: nothing of them is left.
    mutating func remove(markers: Set<Int64>) { entries.removeAll { markers.contains($0.lastOffset) } }

    mutating func trim(before offset: Int64) { entries.removeAll { $0.lastOffset < offset } }
}
