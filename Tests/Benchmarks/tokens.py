"""Access tokens as Auth signs them, by a key of our own that a service under measurement is given."""

import base64
import hashlib
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Mint:
    def __init__(self):
        self.key = Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        thumb = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": self.x}, separators=(",", ":"))
        digest = hashlib.sha256(thumb.encode()).digest()
        self.key_id = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def trust(self, data, service):
        """Puts the key set where the service keeps Auth's."""
        key = {"alg": "EdDSA", "crv": "Ed25519", "kid": self.key_id, "kty": "OKP", "use": "sig", "x": self.x}
        (data / service).mkdir(parents=True, exist_ok=True)
        (data / service / "jwks.json").write_text(json.dumps({"keys": [key]}))

    def token(self, roles=("user",), user=None):
        now = int(time.time())
        claims = {
            "jti": identifier(), "sub": user or identifier(), "sid": identifier(), "roles": list(roles),
            "iss": "marquee-auth", "aud": "marquee", "iat": now, "nbf": now, "exp": now + 900,
        }
        return jwt.encode(claims, self.key, "EdDSA", headers={"kid": self.key_id, "typ": "at+jwt"})


def identifier():
    """A UUID of version 7 (RFC 9562)."""
    milliseconds = int(time.time() * 1000)
    value = milliseconds << 80 | 7 << 76 | uuid.uuid4().int & (1 << 76) - 1
    return str(uuid.UUID(int=value & ~(3 << 62) | 2 << 62))
