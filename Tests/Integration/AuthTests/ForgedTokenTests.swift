import System
import TestSupport
import Testing

/// Tokens made by PyJWT, with Auth's own key where it must not help, against the running service.
@Suite(.serialized) struct ForgedTokenTests {
    private static let program = """
        import glob, json, sys, time, jwt
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        real = sys.argv[1]
        pem = open(sorted(glob.glob(sys.argv[2] + "/auth/keys/signing-*.pem"))[-1], "rb").read()
        key = serialization.load_pem_private_key(pem, None)
        public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        head = jwt.get_unverified_header(real)
        claims = jwt.decode(real, options={"verify_signature": False})
        def make(changes={}, head_changes={}, key=key, algorithm="EdDSA"):
            headers = {"kid": head["kid"], "typ": head["typ"], **head_changes}
            body = {name: value for name, value in {**claims, **changes}.items() if value is not None}
            return jwt.encode(body, key, algorithm=algorithm, headers=headers)
        now = int(time.time())
        tokens = {
            "control": make(),
            "alg none": make(key=None, algorithm="none"),
            "HMAC with the public key": make(key=public, algorithm="HS256"),
            "another key": make(key=Ed25519PrivateKey.generate()),
            "an unknown key id": make(head_changes={"kid": "nobody"}),
            "another type": make(head_changes={"typ": "JWT"}),
            "another audience": make({"aud": "elsewhere"}),
            "another issuer": make({"iss": "elsewhere"}),
            "expired": make({"iat": now - 2000, "nbf": now - 2000, "exp": now - 1000}),
            "not yet valid": make({"nbf": now + 1000, "exp": now + 1900}),
            "no expiry": make({"exp": None}),
            "no session": make({"sid": None}),
            "a changed body": ".".join([real.split(".")[0], make({"roles": ["admin"]}).split(".")[1], real.split(".")[2]]),
        }
        print(json.dumps(tokens))
        """

    @Test func `only a token of Auth's own making, for us and in its life, is taken`() async throws {
        let stack = try await AuthStack()
        let real = try #require(try await stack.logIn().json["access_token"].string)
        let made = try await Command.python(Self.program, [real, stack.dataDirectory])
        guard case .object(let tokens) = try JSON(parsing: made.output) else {
            Issue.record("no tokens: \(made.output)")
            return
        }
        #expect(tokens.count == 13)
        for (name, token) in tokens {
            let answer = try await stack.get("/v1/auth/sessions", token: token.string)
            #expect(answer.status == (name == "control" ? 200 : 401), "\(name): \(answer.status)")
        }
    }
}
