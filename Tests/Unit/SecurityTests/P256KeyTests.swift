import Security
import System
import Testing

struct P256KeyTests {
    @Test func `two keys agree on a secret, whichever is the private one`() throws {
        let (one, two) = (try P256Key(), try P256Key())
        let secret = try one.sharedSecret(with: two.publicPoint)
        #expect(secret.count == 32)
        #expect(try two.sharedSecret(with: one.publicPoint) == secret)
    }

    @Test func `what is no point of the curve is refused`() throws {
        let key = try P256Key()
        var wrong = try P256Key().publicPoint
        wrong[40] ^= 1
        for point in [wrong, [], Array(wrong.prefix(33)), [UInt8](repeating: 4, count: 65)] {
            #expect(throws: CryptographyError.invalidParameter("P-256 point")) { try key.sharedSecret(with: point) }
        }
    }

    @Test func `a key comes back from its PEM, and other texts are refused`() throws {
        let key = try P256Key()
        #expect(try P256Key(pem: key.pem()).publicPoint == key.publicPoint)
        let ed25519 = try SigningKey().pem
        for text in ["", "x", ed25519, try key.pem().replacing("\n", with: "")] {
            #expect(throws: CryptographyError.invalidParameter("EC PEM")) { try P256Key(pem: text) }
        }
    }

    @Test func `signatures are 64 bytes, always`() throws {
        let key = try P256Key()
        // One in 128 has a leading zero in r or s, which DER leaves out.
        for index in 0..<600 { #expect(try key.sign([UInt8(index & 255)]).count == 64) }
    }

    @Test func `AES-128-GCM gives the answer of the GCM specification's case 2`() throws {
        let zero = [UInt8](repeating: 0, count: 16)
        let sealed = try AES128GCM.seal(zero, key: zero, nonce: Array(zero.prefix(12)))
        #expect(
            Hexadecimal.encode(sealed) == "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"
        )
        #expect(throws: CryptographyError.self) { try AES128GCM.seal(zero, key: [1], nonce: zero) }
    }

    @Test func `a webhook's secret comes back from its text`() throws {
        let signature = WebhookSignature(key: Array("secret".utf8))
        #expect(signature.secret == "whsec_c2VjcmV0")
        let read = try #require(WebhookSignature(secret: signature.secret))
        #expect(read.sign(id: "a", timestamp: 1, body: []) == signature.sign(id: "a", timestamp: 1, body: []))
        for text in ["", "whsec_", "whsec_!", "c2VjcmV0"] { #expect(WebhookSignature(secret: text) == nil) }
    }
}
