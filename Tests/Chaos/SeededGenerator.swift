/// Numbers that a seed decides (SplitMix64), so that a run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// A generator for one of many actors of a run.
    init(seed: UInt64, stream: String) {
        // FNV-1a: `hashValue` differs from process to process.
        state = stream.utf8.reduce(seed ^ 0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// True in so many of 100 cases.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// A key that no other request has.
    mutating func key() -> String { "\(String(next(), radix: 36))-\(String(next(), radix: 36))" }
}
