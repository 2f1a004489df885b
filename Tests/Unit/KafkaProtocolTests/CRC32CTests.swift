import Testing

@testable import KafkaProtocol

struct CRC32CTests {
    @Test func `the check value of the polynomial comes out`() {
        #expect(CRC32C.checksum(Array("123456789".utf8).span) == 0xE306_9283)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 767, 768, 769, 1000, 24_575, 24_576, 24_577, 100_003])
    func `instruction and table agree at every length`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 7) }
        #expect(CRC32C.checksum(bytes.span) == CRC32C.checksumByTable(bytes.span))
    }

    @Test func `a checksum goes on from a seed`() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let first = CRC32C.checksum(Array(bytes[..<1234]).span)
        #expect(CRC32C.checksum(Array(bytes[1234...]).span, seed: first) == CRC32C.checksum(bytes.span))
    }
}
