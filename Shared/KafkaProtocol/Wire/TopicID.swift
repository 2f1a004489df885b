/// A topic's UUID (KIP-516): stays with a topic for life, and a topic made anew under an old name has another.
public struct TopicID: Sendable, Hashable {
    /// The first eight bytes.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    /// An id from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// What stands where there is no id.
    public static let zero = TopicID(high: 0, low: 0)
}
