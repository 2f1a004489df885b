import HTTPCore
import Security
import ServiceKit
import Testing

struct ContentDigestFieldTests {
    private let digest = HashFunction.sha256.digest("hello")

    private func read(_ value: String) throws -> ContentDigestField? {
        try ContentDigestField.read([.contentDigest: value])
    }

    @Test func `a digest is read, and of several the strongest`() throws {
        let text = "sha-256=:\(Base64.encode(digest)):"
        #expect(try read(text) == ContentDigestField(.sha256, digest))
        let longer = HashFunction.sha512.digest("hello")
        let both = "sha-512=:\(Base64.encode(longer)):, \(text)"
        #expect(try read(both) == ContentDigestField(.sha512, longer))
        #expect(try ContentDigestField.read([:]) == nil)
    }

    @Test func `a function that is not known demands nothing`() throws {
        #expect(try read("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:") == nil)
    }

    @Test(arguments: ["sha-256", "sha-256=abc", "sha-256=:abc:", "sha-256=:\(Base64.encode([1, 2, 3])):", "sha-256=:"])
    func `a malformed digest is refused`(value: String) {
        #expect(throws: Problem.self) { try read(value) }
    }
}
