/// Kafka's choice of a partition by key, as the Java client and librdkafka's `murmur2_random` make it.
public enum Partitioner {
    /// The partition of a key among `count`, which must be positive.
    public static func partition(of key: [UInt8], count: Int) -> Int32 {
        Int32(murmur2(key) & 0x7FFF_FFFF) % Int32(count)
    }

    /// MurmurHash2 with the seed of `org.apache.kafka.common.utils.Utils.murmur2`.
    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5BD1_E995
        var hash = 0x9747_B28C ^ UInt32(truncatingIfNeeded: bytes.count)
        let tail = bytes.count & ~3
        for start in stride(from: 0, to: tail, by: 4) {
            var word = word(bytes[start..<start + 4]) &* multiplier
            word ^= word >> 24
            hash = (hash &* multiplier) ^ (word &* multiplier)
        }
        if tail < bytes.count { hash = (hash ^ word(bytes[tail...])) &* multiplier }
        hash ^= hash >> 13
        hash &*= multiplier
        return hash ^ hash >> 15
    }

    /// Up to four bytes, little-endian.
    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
