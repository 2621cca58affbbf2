"""One client of the API, over HTTP, as a court's or a clinic's own software would be."""

import time
import uuid
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.identity.base64url import decode, encode


class Party:
    """A client with its key: gets tokens by private_key_jwt and repeats them until they end."""

    def __init__(self, http: httpx.AsyncClient, entry: dict[str, Any], token_url: str) -> None:
        self._http = http
        self._entry = entry
        self._token_url = token_url
        self._token = ""
        self._until = 0.0

    @property
    def unit(self) -> str:
        """The unit's id."""
        name: str = self._entry["unit_id"]
        return name

    async def token(self) -> str:
        """A token that lives for at least half a minute more."""
        if time.time() > self._until - 30:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion(self._entry["private_jwk"], self._entry["client_id"], self._token_url),
            }
            answer = await self._http.post("/oauth/token", data=form)
            answer.raise_for_status()
            self._token = answer.json()["access_token"]
            self._until = time.time() + answer.json()["expires_in"]
        return self._token

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request with this client's token; ``headers`` with underscores for hyphens."""
        sent = {"Authorization": f"Bearer {await self.token()}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """GET."""
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST of a JSON body."""
        return await self.call("POST", path, body, **headers)


def assertion(jwk: dict[str, Any], client: str, audience: str, now: float | None = None) -> str:
    """An ES256 client assertion (RFC 7523) for a P-256 private JWK."""
    issued = int(now if now is not None else time.time())
    header = {"alg": "ES256", "typ": "JWT", "kid": jwk["kid"]}
    claims = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "iat": issued,
        "exp": issued + 60,
        "jti": str(uuid.uuid4()),
    }
    signed = f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(claims))}"
    key = ec.derive_private_key(int.from_bytes(decode(jwk["d"]), "big"), ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
