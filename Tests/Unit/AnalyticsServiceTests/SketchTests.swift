import System
import Testing

@testable import AnalyticsService

@Suite struct SketchTests {
    @Test func `a percentile is within a sixty-fourth of the true one`() {
        var random = SplitMix64(seed: 7)
        for scale in [50, 5_000, 500_000, 50_000_000] as [Int64] {
            var histogram = LatencyHistogram()
            var values: [Int64] = []
            for _ in 0..<20_000 {
                let value = Int64(random.next() % UInt64(scale)) * Int64(random.next() % 7 + 1)
                values.append(value)
                histogram.record(value)
            }
            values.sort()
            let told = histogram.percentiles([0.01, 0.5, 0.95, 0.99, 1])
            for (share, percentile) in zip([0.01, 0.5, 0.95, 0.99, 1], told) {
                let truth = Double(values[max(0, Int((share * 20_000).rounded(.up)) - 1)])
                #expect(abs(percentile - truth) <= truth * LatencyHistogram.relativeError, "\(share) of \(scale)")
            }
        }
    }

    @Test func `every value lies in the bucket whose middle stands for it`() {
        var values = Array(0...5000 as ClosedRange<Int64>)
        for shift in 12..<40 { values += [1 << shift - 1, 1 << shift, 1 << shift + 1] as [Int64] }
        for value in values {
            let middle = LatencyHistogram.middle(of: LatencyHistogram.bucket(of: value))
            #expect(abs(middle - Double(value)) <= Double(value) / 64, "\(value)")
        }
    }

    @Test func `histograms add up and outlive being stored`() throws {
        var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value in [0, 3, 70, 900, 900, 1 << 30, -5, .max] as [Int64] { left.record(value); both.record(value) }
        for value in [3, 64, 65, 1_000_000] as [Int64] { right.record(value); both.record(value) }
        left.add(right)
        #expect(left == both)
        #expect(LatencyHistogram(bytes: both.bytes) == both)
        #expect(LatencyHistogram(bytes: [0x80]) == nil)
        #expect(LatencyHistogram().percentiles([0.5]).isEmpty)
    }

    @Test func `five hundred and twelve users are counted exactly and more within five percent`() throws {
        for number in [0, 1, 511, 512, 513, 3000, 20_000, 200_000] {
            var count = DistinctCount()
            var random = SplitMix64(seed: UInt64(number))
            for _ in 0..<number { count.note(hash: random.next()) }
            let error = abs(Double(count.count) - Double(number))
            #expect(number <= 512 ? error == 0 : error <= 0.05 * Double(number), "\(number): \(count.count)")
            #expect(DistinctCount(bytes: count.bytes) == count)
        }
    }

    @Test func `how many different users there were does not depend on order or repetition`() {
        let ids = (0..<700).map { Identifier.version7(at: Timestamp(milliseconds: Int64($0))) }
        var (forward, backward, first, rest) = (DistinctCount(), DistinctCount(), DistinctCount(), DistinctCount())
        for id in ids + ids.prefix(300) { forward.note(id) }
        for id in ids.reversed() { backward.note(id) }
        for id in ids.prefix(20) { first.note(id) }
        for id in ids.dropFirst(10) { rest.note(id) }
        first.add(rest)
        rest.add(first)
        #expect(forward == backward && forward == first && forward == rest)
        #expect(
            DistinctCount(bytes: [0, 1]) == nil && DistinctCount(bytes: [1]) == nil && DistinctCount(bytes: []) == nil
        )
    }
}
