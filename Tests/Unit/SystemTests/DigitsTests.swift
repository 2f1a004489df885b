import System
import Testing

struct DigitsTests {
    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [Int64.min, -1, 0, 7, 10, 99, 100, .max])
    func `a whole number is written as Swift writes it`(number: Int64) {
        #expect(text { $0.append(decimal: number) } == String(number))
    }

    @Test func `hexadecimal digits are the low ones in lower case`() {
        #expect(text { $0.append(hexadecimal: 0x0123_4567_89AB_CDEF) } == "0123456789abcdef")
        #expect(text { $0.append(hexadecimal: 0xABCD, digits: 3) } == "bcd")
    }

    @Test func `numbers from a seed are those of the published generator`() {
        var numbers = SplitMix64(seed: 1_234_567)
        #expect(numbers.next() == 6_457_827_717_110_365_317)
        #expect(numbers.next() == 3_203_168_211_198_807_973)
    }
}
