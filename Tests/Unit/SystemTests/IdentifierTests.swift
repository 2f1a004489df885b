import System
import Testing

struct IdentifierTests {
    @Test func `an identifier survives text and bytes`() throws {
        let id = Identifier.version7(at: Timestamp(milliseconds: 1_742_378_400_123))
        #expect(Identifier(id.description) == id)
        #expect(Identifier(bytes: id.bytes) == id)
        #expect(id.time == Timestamp(milliseconds: 1_742_378_400_123))
    }

    @Test(arguments: [
        "", "x", "018f3b5a-7c1e-7a3b-9c1d-0123456789a", "018f3b5a-7c1e-7a3b-9c1d-0123456789abc",
        "018f3b5a07c1e-7a3b-9c1d-0123456789ab", "018f3b5a-7c1e-7a3b-9c1d-0123456789ag",
    ])
    func `malformed text is no identifier`(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test func `a derived identifier has version 8 and the RFC variant`() throws {
        let id = try #require(Identifier(digest: [UInt8](repeating: 0xFF, count: 32)))
        #expect(id.description == "ffffffff-ffff-8fff-bfff-ffffffffffff")
    }
}

struct TimestampTests {
    @Test(arguments: [
        ("2025-03-19T10:00:00Z", 1_742_378_400_000), ("2025-03-19T17:00:00.5+07:00", 1_742_378_400_500),
        ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29T00:00:00Z", 951_782_400_000),
    ])
    func `RFC 3339 text gives its instant`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(arguments: ["2025-02-29T00:00:00Z", "2025-03-19", "2025-03-19T24:00:00Z", "2025-03-19T10:00:00", "now"])
    func `malformed or impossible times are refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [0, -1, 951_782_400_000, 1_742_378_400_123, 253_402_300_799_999])
    func `an instant survives its text`(milliseconds: Int64) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(Timestamp(rfc3339: time.description) == time)
    }
}
