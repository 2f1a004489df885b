import CVips
import Testing

@testable import MediaWorkerService

@Suite struct PlaceholderTests {
    @Test func `a plain colour has the hash that others compute`() throws {
        let hash = BlurHash(cosine: vips_api_cosine, power: vips_api_power)
        let white = try #require(
            hash.encode([UInt8](repeating: 255, count: 16 * 12 * 3), width: 16, height: 12, bands: 3)
        )
        #expect(BlurHash.isValid(white))
        // The mean of white is ffffff: 16777215 in base 83.
        #expect(white.dropFirst(2).prefix(4) == "TSUA")
        #expect(hash.encode([], width: 0, height: 0, bands: 3) == nil)
    }

    @Test(arguments: ["", "LKO2?U%2Tw=w]~RBVZRi};RPxuwH", "<script>alert(1)</script>aaaa"])
    func `only a hash is taken for one`(text: String) {
        #expect(BlurHash.isValid(text) == text.hasPrefix("LKO2"))
    }
}
