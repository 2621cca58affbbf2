"""A client of Throughcare with all that a real one needs: tokens, repeats through an outage, refusals in plain words.

Environment: THROUGHCARE_URL (such as https://exchange.example), THROUGHCARE_CLIENT (the id that the operator gave you),
THROUGHCARE_KEY (the file with your private JWK); THROUGHCARE_PATIENCE: seconds to go on trying, 600 unless set.
Needs httpx and python-jose with its cryptography backend.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from jose import jwt

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REPEAT = frozenset({408, 429, 503})
"""Statuses that say "not now". What was sent under an Idempotency-Key can be repeated: it is carried out once."""


class Refused(Exception):
    """A refusal: what is to be changed stands in it. Repeating the same request would not help."""

    def __init__(self, response: httpx.Response) -> None:
        body = response.json() if "json" in response.headers.get("content-type", "") else {}
        self.status: int = response.status_code
        self.code: str = body.get("code") or body.get("error", "")
        flaws = [f"{flaw['pointer']}: {flaw['detail']}" for flaw in body.get("errors", ())]
        said = [self.code, body.get("detail", ""), *flaws, body.get("hint", "")]
        super().__init__(f"{self.status} " + " | ".join(part for part in said if part))


class Session:
    """Calls the service in one unit and role, for as long as the process lives."""

    def __init__(self) -> None:
        self._http = httpx.Client(base_url=os.environ["THROUGHCARE_URL"], timeout=30)
        self._client = os.environ["THROUGHCARE_CLIENT"]
        self._key: dict[str, str] = json.loads(Path(os.environ["THROUGHCARE_KEY"]).read_text())
        self._patience = float(os.environ.get("THROUGHCARE_PATIENCE", "600"))
        self._token, self._until = "", 0.0

    def get(self, path: str, **query: str) -> Any:
        """GET, as JSON."""
        return self.call("GET", path, params=query)

    def send(self, method: str, path: str, body: Any) -> Any:
        """A write, as JSON. Its Idempotency-Key is made once, before the first try, and stays the same in all."""
        return self.call(method, path, json=body, headers={"Idempotency-Key": f'"{uuid.uuid4()}"'})

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any) -> Any:
        """One request, repeated through an outage and after an expired token."""
        renewed = False
        while True:
            bearer = {"Authorization": f"Bearer {self._live_token()}"}
            answer = self._through(method, path, headers=bearer | (headers or {}), **sent)
            if answer.status_code == 401 and not renewed:
                self._token, renewed = "", True  # it expired, or the service has new keys: ask for another, once
                continue
            if answer.is_error:
                raise Refused(answer)
            return answer.json()

    def _live_token(self) -> str:
        """A token that lives for half a minute more. One lasts 300 seconds: use it again, do not ask each time."""
        if not self._token or time.monotonic() > self._until - 30:
            # What the service calls itself may differ from the address under which you reach it: ask.
            metadata = self._through("GET", "/.well-known/oauth-authorization-server").json()
            answer = self._through("POST", "/oauth/token", assertion_for=metadata["token_endpoint"])
            if answer.is_error:
                raise Refused(answer)
            self._token = answer.json()["access_token"]
            self._until = time.monotonic() + answer.json()["expires_in"]
        return self._token

    def _assertion(self, audience: str) -> str:
        """private_key_jwt (RFC 7523): short-lived, and used once."""
        now = int(time.time())
        claims = {"iss": self._client, "sub": self._client, "aud": audience, "iat": now, "exp": now + 60}
        signed: str = jwt.encode(
            claims | {"jti": str(uuid.uuid4())}, self._key, self._key["alg"], headers={"kid": self._key["kid"]}
        )
        return signed

    def _through(self, method: str, path: str, assertion_for: str = "", **sent: Any) -> httpx.Response:
        """The answer, once there is one; waits as long as Retry-After says, or longer each time."""
        begun, pause = time.monotonic(), 1.0
        while True:
            if assertion_for:  # a new one for each try: the one before may have arrived
                form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
                sent["data"] = form | {"client_assertion": self._assertion(assertion_for)}
            answer = None
            try:
                answer = self._http.request(method, path, **sent)
            except httpx.TransportError as error:  # no answer: it may have been carried out or not
                said = type(error).__name__
            else:
                running = answer.status_code == 409 and answer.json().get("code") == "idempotency_in_flight"
                if answer.status_code not in REPEAT and not running:
                    return answer
                said = f"{answer.status_code} {answer.json().get('code', '')}"
            after = (answer.headers.get("retry-after", "") if answer is not None else "") or f"{pause:.0f}"
            wait = min(float(after) if after.isdigit() else pause, 30)
            if time.monotonic() + wait - begun > self._patience:
                raise SystemExit(f"gave up after {self._patience:.0f} s: {said}")
            print(f"{said}: again in {wait:.0f} s", file=sys.stderr, flush=True)
            time.sleep(wait)
            pause = min(pause * 2, 30)
