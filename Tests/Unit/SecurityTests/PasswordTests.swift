import Security
import Testing

@Suite struct PasswordTests {
    private let cheap = PasswordHash(memory: 64, iterations: 1, parallelism: 1)

    @Test func `a password verifies against its hash and no other does`() throws {
        let stored = try cheap.hash("correct horse")
        #expect(stored.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
        #expect(PasswordHash.verify("correct horse", against: stored))
        #expect(!PasswordHash.verify("correct Horse", against: stored))
    }

    @Test func `hashes that other programs made verify`() {
        // By argon2-cffi.
        let stored = "$argon2id$v=19$m=64,t=2,p=2$c29tZXNhbHQxMjM0NTY$B0Qj+ar7rUI3amhi3J0M4IoJuJ9+jYujmWFOwLXoCbg"
        #expect(PasswordHash.verify("password", against: stored))
        #expect(!PasswordHash.verify("passwort", against: stored))
    }

    @Test(arguments: [
        "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQxMjM0NTY$KkPzHQq421aeTw2+EEHdTavwQagrupGITZC4hn1fqNc",
        "$argon2d$v=19$m=64,t=2,p=1$c29tZXNhbHQxMjM0NTY$nyE4R2biTrFJgVBEqH2X7ibket2XLobLyot1jxy/a/M",
    ])
    func `hashes of the older variants of Argon2 verify, and ask to be made anew`(stored: String) {
        // By libargon2's own encoder.
        #expect(PasswordHash.verify("password", against: stored))
        #expect(!PasswordHash.verify("passwort", against: stored))
        let same = PasswordHash(memory: 64, iterations: 2, parallelism: 1)
        #expect(same.needsRehash(stored))
    }

    @Test func `many hashes at a time share the kept memory and are right`() async throws {
        let stored = try cheap.hash("correct horse")
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    if number % 16 == 0 { HashMemory.release() }
                    return PasswordHash.verify(number % 2 == 0 ? "correct horse" : "wrong", against: stored)
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 32)
    }

    @Test func `a hash made with other parameters asks to be made anew`() throws {
        #expect(PasswordHash.standard.needsRehash(try cheap.hash("x")))
        #expect(!cheap.needsRehash(try cheap.hash("x")))
    }

    @Test func `a forged stored string is refused without work`() {
        for forged in ["", "$argon2id$", "$argon2id$v=19$m=4000000,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "plain"] {
            #expect(!PasswordHash.verify("x", against: forged))
        }
        #expect(throws: CryptographyError.self) {
            try cheap.hash(String(repeating: "x", count: PasswordHash.passwordLimit + 1))
        }
    }

    @Test func `a common or related password is weak and a long random one is strong`() {
        #expect(PasswordStrength.bits(of: "password1") < 15)
        #expect(PasswordStrength.bits(of: "kq8Vz!2mPw#x9Lr") > 60)
        let name = "nguyenvantrangtest"
        #expect(PasswordStrength.bits(of: name, related: [name]) < PasswordStrength.bits(of: name) / 2)
        #expect(PasswordStrength.bits(of: "") == 0)
        #expect(PasswordStrength.bits(of: String(repeating: "é\0", count: 100_000)) > 0)
    }
}

@Suite struct SCRAMTests {
    /// The exchange printed in RFC 7677 section 3.
    private func server(_ password: String = "pencil") throws -> SCRAMServer {
        let credential = try SCRAMCredential(
            mechanism: .sha256,
            password: password,
            salt: Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==") ?? []
        )
        return SCRAMServer(
            mechanism: .sha256,
            secret: [1, 2, 3],
            serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            lookup: { $0 == "user" ? credential : nil }
        )
    }

    private let first = Array("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".utf8)
    private let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    private let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

    @Test func `the exchange of RFC 7677 succeeds`() throws {
        var exchange = try server()
        let challenge = try exchange.challenge(first)
        #expect(String(decoding: challenge, as: UTF8.self) == "r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
        let answer = try exchange.finish(Array("c=biws,r=\(nonce),p=\(proof)".utf8))
        #expect(String(decoding: answer, as: UTF8.self) == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        #expect(exchange.username == "user")
    }

    @Test func `another password is refused`() throws {
        var exchange = try server("pen")
        _ = try exchange.challenge(first)
        #expect(throws: SCRAMServer.Failure.authenticationFailed) {
            try exchange.finish(Array("c=biws,r=\(nonce),p=\(proof)".utf8))
        }
    }

    @Test func `a client that repeats its nonce before the agreed one is judged by its own message`() throws {
        let mechanism = SCRAMMechanism.sha512
        let credential = try SCRAMCredential(mechanism: mechanism, password: "secret", salt: [9, 9, 9])
        var exchange = SCRAMServer(mechanism: mechanism, secret: [], serverNonce: "SN") { _ in credential }
        let challenge = String(decoding: try exchange.challenge(Array("n,,n=u,r=CN".utf8)), as: UTF8.self)
        let withoutProof = "c=biws,r=CNCNSN"
        let salted = try KeyDerivation.pbkdf2(
            .sha512,
            password: Array("secret".utf8),
            salt: [9, 9, 9],
            iterations: 4096
        )
        let clientKey = HashFunction.sha512.authenticationCode(key: salted, message: Array("Client Key".utf8))
        let signature = HashFunction.sha512.authenticationCode(
            key: credential.storedKey,
            message: Array("n=u,r=CN,\(challenge),\(withoutProof)".utf8)
        )
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        #expect(try !exchange.finish(Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)).isEmpty)
    }

    @Test func `an unknown user is challenged like a known one, always with the same salt`() throws {
        var one = try server()
        var two = try server()
        let message = Array("n,,n=nobody,r=x".utf8)
        #expect(try one.challenge(message) == two.challenge(message))
        #expect(throws: SCRAMServer.Failure.authenticationFailed) {
            try one.finish(Array("c=biws,r=x%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=\(proof)".utf8))
        }
    }

    @Test(arguments: [
        "", "n,,", "n,,n=user", "p=tls-unique,,n=u,r=x", "n,a=root,n=u,r=x", "n,,n=a=2Fb,r=x", "n,,r=x,n=u",
    ])
    func `a message outside the grammar is refused`(text: String) throws {
        var exchange = try server()
        #expect(throws: SCRAMServer.Failure.self) { try exchange.challenge(Array(text.utf8)) }
    }
}
