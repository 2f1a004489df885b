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

    /// The buckets with occurrences, ascending, and how many.
    private(set) var counts: [Occurrences] = []

    /// How often values of a bucket came.
    struct Occurrences: Sendable, Equatable {
        let bucket: Int32
        var number: Int64
    }

    /// Notes a value, which is not negative; a negative one counts as 0.
    mutating func record(_ value: Int64) {
        let bucket = Self.bucket(of: min(max(0, value), Self.maximum))
        var range = 0..<counts.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if counts[middle].bucket == bucket {
                counts[middle].number += 1
                return
            }
            range = counts[middle].bucket < bucket ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        counts.insert(Occurrences(bucket: bucket, number: 1), at: range.lowerBound)
    }

    /// Adds what another one holds.
    mutating func add(_ other: LatencyHistogram) {
        guard !counts.isEmpty else {
            counts = other.counts
            return
        }
        var merged: [Occurrences] = []
        merged.reserveCapacity(counts.count + other.counts.count)
        var mine = counts[...]
        for theirs in other.counts {
            while let first = mine.first, first.bucket < theirs.bucket { merged.append(mine.removeFirst()) }
            if let first = mine.first, first.bucket == theirs.bucket {
                merged.append(Occurrences(bucket: first.bucket, number: first.number + theirs.number))
                mine.removeFirst()
            } else {
                merged.append(theirs)
            }
        }
        counts = merged + mine
    }

    /// With what another one holds.
    consuming func adding(_ other: LatencyHistogram) -> LatencyHistogram {
        add(other)
        return self
    }

    /// All occurrences.
    var count: Int64 { counts.reduce(0) { $0 + $1.number } }

    /// The values at which a share of all lies at or below, for shares in ascending order; empty without occurrences.
    func percentiles(_ shares: [Double]) -> [Double] {
        let total = count
        guard total > 0 else { return [] }
        return shares.map { share in
            let rank = max(1, Int64((share * Double(total)).rounded(.up)))
            var seen: Int64 = 0
            for part in counts {
                seen += part.number
                if seen >= rank { return Self.middle(of: part.bucket) }
            }
            return Self.middle(of: counts[counts.count - 1].bucket)
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
            // A distance of nothing is the first bucket's alone.
            guard counts.last.map({ $0.bucket < key }) ?? true else { return nil }
            counts.append(Occurrences(bucket: key, number: Int64(count)))
        }
    }

    /// Pairs of the distance to the bucket before and the count, each seven bits a byte, low ones first.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var last: Int32 = 0
        for part in counts {
            Variable.append(UInt64(part.bucket - last), to: &bytes)
            Variable.append(UInt64(part.number), to: &bytes)
            last = part.bucket
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
