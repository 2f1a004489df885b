import System
import Testing

@testable import Security

@Suite struct TokenTests {
    private let now = Timestamp(milliseconds: 1_742_378_400_123)
    private let key: SigningKey

    init() throws {
        key = try SigningKey()
    }

    private func token(audience: String = "marquee") -> AccessToken {
        AccessToken(
            id: .version7(at: now),
            userID: .version7(at: now),
            sessionID: .version7(at: now),
            roles: ["user"],
            issuer: "https://auth.example",
            audience: audience,
            issuedAt: now,
            lifetime: 900
        )
    }

    private func verifier() -> TokenVerifier {
        TokenVerifier(keys: [key.verifyingKey], issuer: "https://auth.example", audience: "marquee")
    }

    /// A token with a header and body of one's own, signed by the right key.
    private func forged(header: String, body: String) throws -> String {
        let input = "\(Base64.encodeURLSafe(header.utf8)).\(Base64.encodeURLSafe(body.utf8))"
        return "\(input).\(Base64.encodeURLSafe(try key.sign(Array(input.utf8))))"
    }

    @Test func `a signed token reads back whole, to the millisecond`() throws {
        let original = token()
        let signed = try TokenSigner(key: key).sign(original)
        #expect(try verifier().verify(signed, at: now) == original)
    }

    @Test(arguments: [0, 1, 120, 999])
    func `claims written by hand are those of the encoder, and odd texts are left to it`(milliseconds: Int64) throws {
        var claims = token()
        claims.issuedAt = Timestamp(milliseconds: 1_742_378_400_000 + milliseconds)
        #expect(try claims.plainJSON() == TokenSigner.json(claims))
        claims.roles = ["user", "admin"]
        #expect(try claims.plainJSON() == TokenSigner.json(claims))
        claims.roles = []
        #expect(try claims.plainJSON() == TokenSigner.json(claims))
        for odd in ["a\"b", "a\\b", "rạp", "a\nb"] {
            claims.audience = odd
            #expect(claims.plainJSON() == nil)
        }
    }

    @Test func `a token is good from its first to its last second`() throws {
        let signed = try TokenSigner(key: key).sign(token())
        #expect(throws: TokenError.expired) { try verifier().verify(signed, at: now.adding(seconds: 906)) }
        #expect(throws: TokenError.notYetValid) { try verifier().verify(signed, at: now.adding(seconds: -10)) }
        #expect(throws: Never.self) { try verifier().verify(signed, at: now.adding(seconds: 899)) }
    }

    @Test func `a token for somebody else or of another key is refused`() throws {
        let foreign = try TokenSigner(key: key).sign(token(audience: "other"))
        #expect(throws: TokenError.wrongAudience) { try verifier().verify(foreign, at: now) }
        let other = try SigningKey()
        let unknown = try TokenSigner(key: other).sign(token())
        #expect(throws: TokenError.unknownKey(other.verifyingKey.keyID)) { try verifier().verify(unknown, at: now) }
    }

    @Test func `a changed token is refused`() throws {
        let signed = try TokenSigner(key: key).sign(token())
        let parts = signed.split(separator: ".")
        let stolen = try TokenSigner(key: key).sign(token()).split(separator: ".")
        #expect(throws: TokenError.invalidSignature) {
            try verifier().verify("\(parts[0]).\(parts[1]).\(stolen[2])", at: now)
        }
    }

    @Test(arguments: [
        #"{"alg":"none","kid":"K","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"K","typ":"at+jwt"}"#,
        #"{"alg":"EdDSA","kid":"K","typ":"JWT"}"#, #"{"alg":"EdDSA","kid":"K","typ":"at+jwt","crit":["b64"]}"#,
    ])
    func `only EdDSA access tokens are looked at`(header: String) throws {
        let text = try forged(header: header.replacing("K", with: key.verifyingKey.keyID), body: "{}")
        #expect(throws: TokenError.unsupported) { try verifier().verify(text, at: now) }
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "a.b.c.d"])
    func `nonsense is refused`(text: String) {
        #expect(throws: TokenError.malformed) { try verifier().verify(text, at: now) }
    }

    @Test func `a token without the claims is refused`() throws {
        let text = try forged(
            header: #"{"alg":"EdDSA","kid":"\#(key.verifyingKey.keyID)","typ":"at+jwt"}"#,
            body: #"{"sub":"x"}"#
        )
        #expect(throws: TokenError.malformed) { try verifier().verify(text, at: now) }
    }

    @Test func `a key set reads back and passes over what it does not know`() throws {
        let set = JSONWebKeySet(keys: [key.verifyingKey])
        #expect(try JSONWebKeySet(json: set.json()) == set)
        let mixed = #"{"keys":[{"kty":"RSA","n":"x","e":"AQAB"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#
        #expect(try JSONWebKeySet(json: Array(mixed.utf8)).keys.isEmpty)
    }
}
