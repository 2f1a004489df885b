/// How often each duration occurred, in log-linear buckets: below 64 each value has its own, above that each power of two
/// is cut into 32. A percentile told by the middle of its bucket is within 1/64 (1.6 %) of the true value, whatever came
/// in and in whatever order histograms were added to each other.
struct LatencyHistogram: Sendable, Equatable {
    /// The largest error of a percentile, as a share of the true value.
    static let relativeError = 1.0 / 64
    private static let exactLimit: Int64 = 64
    private static let stepsLog: Int64 = 5
    /// Larger values count as this one: 12 days in microseconds.
    private static let maximum: Int64 = 1 << 40

    /// Occurrences by bucket.
    private(set) var counts: [Int32: Int64] = [:]

    /// Notes a value, which is not negative; a negative one counts as 0.
    mutating func record(_ value: Int64) {
        counts[Self.bucket(of: min(max(0, value), Self.maximum)), default: 0] += 1
    }

    /// Adds what another one holds.
    mutating func add(_ other: LatencyHistogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// All occurrences.
    var count: Int64 { counts.values.reduce(0, +) }

    /// The values at which a share of all lies at or below, for shares in ascending order; empty without occurrences.
    func percentiles(_ shares: [Double]) -> [Double] {
        let total = count
        guard total > 0 else { return [] }
        let sorted = counts.sorted { $0.key < $1.key }
        return shares.map { share in
            let rank = max(1, Int64((share * Double(total)).rounded(.up)))
            var seen: Int64 = 0
            for (bucket, count) in sorted {
                seen += count
                if seen >= rank { return Self.middle(of: bucket) }
            }
            return Self.middle(of: sorted[sorted.count - 1].key)
        }
    }

    static func bucket(of value: Int64) -> Int32 {
        guard value >= exactLimit else { return Int32(value) }
        let exponent = Int64(63 - value.leadingZeroBitCount)
        let step = (value >> (exponent - stepsLog)) & 31
        return Int32(exactLimit + (exponent - 6) << stepsLog + step)
    }

    static func middle(of bucket: Int32) -> Double {
        let bucket = Int64(bucket)
        guard bucket >= exactLimit else { return Double(bucket) }
        let exponent = (bucket - exactLimit) >> stepsLog + 6
        let step = (bucket - exactLimit) & 31
        let width = Int64(1) << (exponent - stepsLog)
        return Double((32 + step) * width) + Double(width - 1) / 2
    }
}

extension LatencyHistogram {
    /// Reads `bytes`; nil when they are damaged.
    init?(bytes: [UInt8]) {
        var rest = bytes[...]
        var bucket: UInt64 = 0
        while !rest.isEmpty {
            guard let step = Variable.read(&rest), let count = Variable.read(&rest), step <= 1 << 16, count <= 1 << 62
            else { return nil }
            bucket += step
            guard let key = Int32(exactly: bucket), key < 4096 else { return nil }
            counts[key] = Int64(count)
        }
    }

    /// Pairs of the distance to the bucket before and the count, each seven bits a byte, low ones first.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var last: Int32 = 0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            Variable.append(UInt64(bucket - last), to: &bytes)
            Variable.append(UInt64(count), to: &bytes)
            last = bucket
        }
        return bytes
    }
}

/// Numbers of seven bits a byte (LEB128).
enum Variable {
    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    static func read(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
