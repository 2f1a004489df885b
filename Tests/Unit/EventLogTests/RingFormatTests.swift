import KafkaProtocol
import System
import Testing

@testable import EventLog

@Suite struct RingFormatTests {
    private func round() throws -> RingRound {
        let topic = try #require(Identifier(bytes: (0..<16).map { UInt8($0) }))
        return RingRound(
            generation: 0x0102_0304_0506_0708,
            sequence: 9,
            frames: [
                RingFrame(
                    topic: topic,
                    partition: 3,
                    baseOffset: 40,
                    endOffset: 42,
                    segment: 30,
                    position: 700,
                    records: [[0xAA, 0xBB], [0xCC]]
                ),
                RingFrame(
                    topic: topic,
                    partition: 4,
                    baseOffset: 7,
                    endOffset: 8,
                    segment: 0,
                    position: 0,
                    records: []
                ),
            ]
        )
    }

    /// The format on disk: it must not change without a new version.
    private static let golden =
        "4d510501" + "0000007f" + "a502d544" + "0102030405060708" + "0000000000000009" + "00000002"
        + "000102030405060708090a0b0c0d0e0f" + "00000003" + "0000000000000028" + "000000000000002a"
        + "000000000000001e" + "000002bc" + "00000003" + "aabbcc"
        + "000102030405060708090a0b0c0d0e0f" + "00000004" + "0000000000000007" + "0000000000000008"
        + "0000000000000000" + "00000000" + "00000000"

    private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    @Test func `a round has the bytes that the format says, up to whole blocks`() throws {
        let bytes = try round().encoded
        #expect(bytes.count == RingFormat.blockSize)
        #expect(Self.hex(bytes.prefix(Self.golden.count / 2)) == Self.golden)
        #expect(bytes.dropFirst(Self.golden.count / 2).allSatisfy { $0 == 0 })
    }

    @Test func `a round is read back as it was written`() throws {
        let round = try round()
        let read = try #require(RingRound(Array(round.encoded.prefix(Self.golden.count / 2))))
        #expect(read.generation == round.generation && read.sequence == round.sequence)
        #expect(read.frames.map { $0.records.flatMap { $0 } } == [[0xAA, 0xBB, 0xCC], []])
        #expect(read.frames.map(\.position) == [700, 0])
        #expect(read.encoded == round.encoded)
    }

    @Test func `any flipped bit makes a round unreadable`() throws {
        let bytes = Array(try round().encoded.prefix(Self.golden.count / 2))
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(RingRound(flipped) == nil, "bit \(bit)")
        }
    }

    @Test func `a start that is damaged reads as none`() {
        let start = RingStart(generation: 5, sequence: 6, position: 12288)
        #expect(RingStart(start.encoded[...]) == start)
        var damaged = start.encoded
        damaged[20] ^= 1
        #expect(RingStart(damaged[...]) == nil)
        #expect(RingStart([]) == nil)
    }
}
