import System
import TestSupport
import Testing

/// What a browser does for Web Push, in Python over `cryptography`: makes keys, decrypts (RFC 8291), and what its push
/// service does: checks who sends (RFC 8292).
struct Browser {
    private let secrets: String
    /// The members of `keys` of its subscription.
    let publicKey: String
    let authentication: String

    init() async throws {
        let made = try await Command.python(Self.program, ["make"])
        let lines = made.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 3, "\(made.output)")
        (secrets, publicKey, authentication) = (lines[0], lines[1], lines[2])
    }

    /// The body of `POST /v1/push-subscriptions`.
    func subscription(at endpoint: String) -> String {
        let keys = #"{"p256dh":"\#(publicKey)","auth":"\#(authentication)"}"#
        return #"{"endpoint":"\#(endpoint)","expirationTime":null,"keys":\#(keys)}"#
    }

    /// The message of a request; fails the test when the sender is not who holds the key, or the audience is another.
    func open(_ request: HTTPSink.Request, from serverKey: String, audience: String) async throws -> JSON {
        let opened = try await Command.python(
            Self.program,
            [
                "open", secrets, authentication, request.bytes, request.fields["authorization"] ?? "", serverKey,
                audience,
            ]
        )
        try #require(opened.status.isSuccess, "\(opened.output)")
        return try JSON(parsing: opened.output)
    }

    private static let program = """
        import base64, os, sys
        import jwt
        from cryptography.hazmat.primitives import hashes, serialization as ser
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        def b64(data): return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        def unb64(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        def point(key): return key.public_bytes(ser.Encoding.X962, ser.PublicFormat.UncompressedPoint)
        def read(data): return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
        def hkdf(secret, salt, info, length):
            return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
        if sys.argv[1] == "make":
            key = ec.generate_private_key(ec.SECP256R1())
            print(hex(key.private_numbers().private_value))
            print(b64(point(key.public_key())))
            print(b64(os.urandom(16)))
            sys.exit()
        secret, auth, body, authorization, server, audience = sys.argv[2:]
        key = ec.derive_private_key(int(secret, 16), ec.SECP256R1())
        body = bytes.fromhex(body)
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21:21 + length], body[21 + length:]
        assert size >= len(record) and len(body) <= 4096, "record size"
        shared = key.exchange(ec.ECDH(), read(sender))
        info = b"WebPush: info\\0" + point(key.public_key()) + sender
        ikm = hkdf(shared, unb64(auth), info, 32)
        content = hkdf(ikm, salt, b"Content-Encoding: aes128gcm\\0", 16)
        nonce = hkdf(ikm, salt, b"Content-Encoding: nonce\\0", 12)
        message = AESGCM(content).decrypt(nonce, record, None)
        assert message.rstrip(b"\\0")[-1:] == b"\\2", "delimiter"
        scheme, rest = authorization.split(" ", 1)
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid" and parts["k"] == server, "key"
        claims = jwt.decode(parts["t"], read(unb64(server)), algorithms=["ES256"], audience=audience)
        assert claims["sub"].startswith("mailto:") and "exp" in claims, "claims"
        print(message.rstrip(b"\\0")[:-1].decode())
        """
}
