/// For each key of a stretch of a log the offset of its last record, in bounded memory (Kafka's OffsetMap): keys are
/// known by 128 bits of SipHash under a seed of this process, so nobody can make two that are taken for one.
struct LatestOffsets {
    /// Most keys held at a time: some 20 MB. A stretch with more is compacted in several goes.
    static let maximumKeys = 350_000

    private struct Digest: Hashable {
        let high: Int
        let low: Int

        init(_ key: ArraySlice<UInt8>) {
            high = Self.hash(key, 0)
            low = Self.hash(key, 1)
        }

        private static func hash(_ key: ArraySlice<UInt8>, _ half: UInt8) -> Int {
            var hasher = Hasher()
            hasher.combine(half)
            unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
            return hasher.finalize()
        }
    }

    private var offsets: [Digest: Int64] = [:]
    /// The offset after the last record that was looked at.
    private(set) var end: Int64

    private let maximum: Int

    /// Nothing was looked at before `start`.
    init(from start: Int64, maximum: Int = LatestOffsets.maximumKeys) {
        end = start
        self.maximum = max(1, maximum)
    }

    var isFull: Bool { offsets.count >= maximum }

    subscript(key: ArraySlice<UInt8>) -> Int64? { offsets[Digest(key)] }

    /// A record further on; those come in order.
    mutating func note(_ key: ArraySlice<UInt8>, at offset: Int64) { offsets[Digest(key)] = offset }

    /// Everything before `offset` was looked at.
    mutating func advance(to offset: Int64) { end = max(end, offset) }
}
