import System
import TestSupport

/// Feeds a parser with inputs made of a corpus by chance: the same seed makes the same inputs in the same order.
///
/// `FUZZ_SEED` chooses the seed, `FUZZ_SECONDS` how long each parser is fed. What traps is found again by its seed.
struct Fuzzer {
    private static let seconds = Environment.value("FUZZ_SECONDS").flatMap(Double.init) ?? 4
    private static let seed =
        Environment.value("FUZZ_SEED").flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64(UInt32.max))
    /// The longest input, in bytes, unless a corpus has longer ones.
    private static let lengthLimit = 4096

    let corpus: [[UInt8]]
    /// Words of the grammar, put in as they are.
    let words: [[UInt8]]

    init(_ corpus: [[UInt8]], words: [String] = []) {
        self.corpus = corpus
        self.words = words.map { Array($0.utf8) }
    }

    init(_ corpus: [String], words: [String] = []) {
        self.init(corpus.map { Array($0.utf8) }, words: words)
    }

    /// Runs `property` on one input after the other until the time is over or it returns what is wrong. Says what is wrong,
    /// with seed and input; nil when nothing is.
    func run(_ name: String, _ property: (_ input: [UInt8], inout Chance) throws -> String?) -> String? {
        print("\(name): FUZZ_SEED=\(Self.seed)")
        let end = MonotonicClock.nanoseconds + UInt64(Self.seconds * 1e9)
        var chance = Chance(state: Self.seed)
        var count = 0
        while MonotonicClock.nanoseconds < end {
            count += 1
            let input = count <= corpus.count ? corpus[count - 1] : input(&chance)
            let fault: String?
            do {
                fault = try property(input, &chance)
            } catch {
                fault = "threw \(error)"
            }
            if let fault { return "\(name), FUZZ_SEED=\(Self.seed), input \(count): \(fault)\n\(Self.text(input))" }
        }
        print("\(name): \(count) inputs")
        return count > corpus.count ? nil : "too slow to fuzz"
    }

    private func input(_ chance: inout Chance) -> [UInt8] {
        var bytes = chance.pick(corpus)
        for _ in 0...chance.below(5) { mutate(&bytes, &chance) }
        if bytes.count > Self.lengthLimit { bytes.removeLast(bytes.count - Self.lengthLimit) }
        return bytes
    }

    private func mutate(_ bytes: inout [UInt8], _ chance: inout Chance) {
        let place = chance.below(bytes.count + 1)
        let rest = bytes.count - place
        switch chance.below(9) {
        case 0 where rest > 0: bytes[place] ^= 1 << UInt8(chance.below(8))
        case 1 where rest > 0: bytes[place] = chance.pick(Self.edges)
        case 2: bytes.insert(chance.byte(), at: place)
        case 3: bytes.removeSubrange(place..<place + chance.below(min(rest, 16) + 1))
        case 4: bytes.insert(contentsOf: bytes[place..<place + chance.below(min(rest, 64) + 1)], at: place)
        case 5: bytes.removeLast(rest)
        case 6:
            let other = chance.pick(corpus)
            bytes.replaceSubrange(place..., with: other[chance.below(other.count + 1)...])
        case 7 where rest > 0: bytes[place] = bytes[place] &+ (chance.below(2) == 0 ? 1 : 255)
        default: if !words.isEmpty { bytes.insert(contentsOf: chance.pick(words), at: place) }
        }
    }

    private static let edges: [UInt8] = Array("\0\t\n\r \",-/0:;=\\_~".utf8) + [0x7F, 0x80, 0xC0, 0xFE, 0xFF]

    private static func text(_ bytes: [UInt8]) -> String {
        "[" + bytes.prefix(2000).map { String($0) }.joined(separator: ", ") + "]\n"
            + String(decoding: bytes.prefix(2000), as: UTF8.self)
    }
}

/// Repeatable randomness (splitmix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// From 0 up to and without `end`; 0 for an `end` of 0.
    mutating func below(_ end: Int) -> Int { end > 0 ? Int(next() % UInt64(end)) : 0 }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    /// One of a collection that is not empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Where to cut `count` bytes: seldom not at all or everywhere, mostly at a few places.
    mutating func cuts(_ count: Int) -> [Int] {
        guard count > 1 else { return [] }
        if below(8) == 0 { return Array(1..<count) }
        return (0...below(4)).map { _ in 1 + below(count - 1) }.sorted()
    }
}

/// Hands `bytes` to `take` in the pieces between the cuts.
func inPieces<Failure: Error>(
    _ bytes: [UInt8],
    _ cuts: [Int],
    _ take: (Span<UInt8>) throws(Failure) -> Void
) throws(Failure) {
    var start = 0
    for end in cuts + [bytes.count] {
        try take(bytes.span.extracting(start..<end))
        start = end
    }
}
