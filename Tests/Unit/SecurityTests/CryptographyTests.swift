import Security
import System
import Testing

private func hex(_ text: String) -> [UInt8] { Hexadecimal.decode(text) ?? [] }

@Suite struct CryptographyTests {
    @Test func `digests give the known answers`() {
        #expect(
            Hexadecimal.encode(HashFunction.sha256.digest("abc"))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(Hexadecimal.encode(HashFunction.sha1.digest("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(HashFunction.sha512.digest("abc").prefix(4).elementsEqual(hex("ddaf35a1")))
    }

    @Test func `a digest of pieces equals the digest of the whole`() throws {
        let digest = try IncrementalDigest(.sha256)
        digest.update(Array("a".utf8))
        digest.update(Array("bc".utf8).span)
        #expect(digest.finish() == HashFunction.sha256.digest("abc"))
        #expect(digest.finish() == HashFunction.sha256.digest(""))
    }

    @Test func `HMAC gives the answer of RFC 4231 case 2 and takes an empty key`() {
        let code = HashFunction.sha256.authenticationCode(
            key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8)
        )
        #expect(Hexadecimal.encode(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let empty = HashFunction.sha256.authenticationCode(key: [], message: [])
        #expect(Hexadecimal.encode(empty) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `HKDF gives the answer of RFC 5869 case 1`() throws {
        let key = try KeyDerivation.hkdfSHA256(
            secret: [UInt8](repeating: 0x0B, count: 22),
            salt: hex("000102030405060708090a0b0c"),
            info: hex("f0f1f2f3f4f5f6f7f8f9"),
            length: 42
        )
        #expect(
            Hexadecimal.encode(key)
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        )
    }

    @Test func `PBKDF2 gives the answer of RFC 7914`() throws {
        let key = try KeyDerivation.pbkdf2(
            .sha256,
            password: Array("passwd".utf8),
            salt: Array("salt".utf8),
            iterations: 1
        )
        #expect(Hexadecimal.encode(key) == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    }

    @Test func `Ed25519 gives the signature of RFC 8032 test 2 and refuses a changed message`() throws {
        let key = try SigningKey(seed: hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        #expect(
            Hexadecimal.encode(key.verifyingKey.rawBytes)
                == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        )
        let signature = try key.sign([0x72])
        #expect(
            Hexadecimal.encode(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        #expect(key.verifyingKey.isValid(signature: signature, for: [0x72]))
        #expect(!key.verifyingKey.isValid(signature: signature, for: [0x73]))
        #expect(!key.verifyingKey.isValid(signature: [], for: [0x72]))
    }

    @Test func `a key's thumbprint is that of RFC 8037`() throws {
        let key = try VerifyingKey(
            rawBytes: #require(Base64.decodeURLSafe("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
        )
        #expect(key.keyID == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test func `a key survives its file and its PEM is PKCS 8`() throws {
        let path = "/tmp/security-\(SecureRandom.token(byteCount: 8))/signing.pem"
        defer { try? File.remove(path) }
        let key = try SigningKey.loadOrCreate(path)
        #expect(try SigningKey.loadOrCreate(path).verifyingKey == key.verifyingKey)
        let known =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
            + "-----END PRIVATE KEY-----\n"
        #expect(try SigningKey(pem: known).pem == known)
        #expect(throws: CryptographyError.self) { try SigningKey(pem: "nonsense") }
    }

    @Test func `a sealed secret opens only with its key and context`() throws {
        let box = try SecretBox(key: SecureRandom.bytes(32))
        for secret in [[], Array("JBSWY3DPEHPK3PXP".utf8)] {
            let sealed = try box.seal(secret, context: [1])
            #expect(try box.open(sealed, context: [1]) == secret)
            #expect(throws: CryptographyError.authenticationFailed) { try box.open(sealed, context: [2]) }
            #expect(throws: CryptographyError.authenticationFailed) {
                try SecretBox(key: SecureRandom.bytes(32)).open(sealed, context: [1])
            }
            var changed = sealed
            changed[changed.count - 1] ^= 1
            #expect(throws: CryptographyError.authenticationFailed) { try box.open(changed, context: [1]) }
        }
        #expect(throws: CryptographyError.authenticationFailed) { try box.open([1, 2, 3], context: []) }
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `Base64 reads back what it wrote`(text: String) {
        #expect(Base64.decode(Base64.encode(text.utf8)) == Array(text.utf8))
        #expect(Base64.decodeURLSafe(Base64.encodeURLSafe(text.utf8)) == Array(text.utf8))
    }

    @Test func `Base64 knows its alphabets and refuses second spellings`() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=" && Base64.encodeURLSafe([0xFB, 0xFF]) == "-_8")
        for bad in ["Zg", "Zh==", "Z===", "Zg==Zg==", "Z g=", "Zm9v\n"] { #expect(Base64.decode(bad) == nil) }
        for bad in ["Zh", "Zg==", "Z", "Zg+/"] { #expect(Base64.decodeURLSafe(bad) == nil) }
    }

    @Test func `random bytes come in the asked number and differ`() {
        for count in [0, 1, 7, 8, 9, 33] { #expect(SecureRandom.bytes(count).count == count) }
        #expect(SecureRandom.token() != SecureRandom.token())
    }
}
