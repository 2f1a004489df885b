/// Up to which instant a reader of some partitions has handled everything. Now and then the ends of the logs are asked
/// for; when all that was before them has been handled, the feed was whole at the instant of asking. Pure.
struct FeedProgress {
    typealias Partition = EventPosition.Partition

    private var next: [Partition: Int64]
    private var asked: (instant: UInt64, ends: [Partition: Int64])?
    /// The last instant up to which everything has been handled, in nanoseconds of the monotonic clock.
    private(set) var caughtUp: UInt64?

    /// Reading begins at these offsets.
    init(from start: [Partition: Int64]) {
        next = start
    }

    /// Everything of a partition before the offset has been handled.
    mutating func handled(_ partition: Partition, before offset: Int64) {
        next[partition] = max(next[partition] ?? 0, offset)
        conclude()
    }

    /// The logs ended here at the instant. An earlier question that is still open stays, or a busy feed would never be
    /// found whole.
    mutating func ask(at instant: UInt64, ends: [Partition: Int64]) {
        if asked == nil { asked = (instant, ends) }
        conclude()
    }

    private mutating func conclude() {
        guard let asked, asked.ends.allSatisfy({ next[$0.key] ?? 0 >= $0.value }) else { return }
        caughtUp = asked.instant
        self.asked = nil
    }
}
