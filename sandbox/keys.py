"""The demo's service account: an RSA key that follows from the seed, so every process has the same one.

It opens nothing but the sandbox: anyone can derive it. Primes come from seeded candidates and Miller–Rabin.
"""

from __future__ import annotations

import base64
import json
import random
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox import chance

EMAIL = "soundings-demo@harbour-and-pine.iam.gserviceaccount.com"
_E = 65_537


def _is_prime(n: int, chances: random.Random) -> bool:
    if any(n % p == 0 for p in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(12):
        x = pow(chances.randrange(2, n - 1), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = pow(x, 2, n)
            if x == n - 1:
                break
        else:
            return False
    return True


def _prime(chances: random.Random) -> int:
    while True:
        n = chances.getrandbits(1024) | (3 << 1022) | 1
        if n % _E != 1 and _is_prime(n, chances):
            return n


@lru_cache(8)
def private_key(seed: int) -> rsa.RSAPrivateKey:
    """The seed's RSA key of 2,048 bits."""
    chances = random.Random(chance.number(seed, "service account"))
    p, q = _prime(chances), _prime(chances)
    d = pow(_E, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_E, p * q)
    crt = (rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q))
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


def service_account(seed: int) -> dict[str, str]:
    """The key file as Google Cloud would give it out."""
    pem = private_key(seed).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "harbour-and-pine",
        "private_key_id": f"{chance.number(seed, 'key id'):016x}",
        "private_key": pem.decode(),
        "client_email": EMAIL,
        "client_id": "104155550100415555010",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    }


def claims(seed: int, assertion: str) -> dict[str, Any] | None:
    """The claims of an RS256 JWT that the demo's key signed; None if it did not."""
    try:
        head, body, sign = assertion.split(".")
        header, found = json.loads(_decode(head)), json.loads(_decode(body))
        if header.get("alg") != "RS256":
            return None
        public = private_key(seed).public_key()
        public.verify(_decode(sign), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except (ValueError, AttributeError, InvalidSignature):
        return None
    return found if isinstance(found, dict) else None


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
