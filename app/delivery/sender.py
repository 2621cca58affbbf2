"""One request to a receiver: to an address that was looked at, without redirects, and nothing of its answer is read."""

import asyncio
import logging
import ssl
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
import orjson

from app.delivery.addresses import AddressRefused, Resolve, Target, addresses_of, parse, system_resolve
from app.delivery.signature import headers

SECONDS: Final = 8.0
"""For one try in all: looking up, connecting, TLS, until the answer's status is there."""

_MOST_ADDRESSES: Final = 4

for _name in ("httpx", "httpcore"):
    # Their own lines hold the URL, and whoever runs us may ask for every line.
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Ring:
    """What is sent: the same bytes but for an id, an instant and a signature, all of fixed length."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    identifier: str
    """Random, of this ring; the same in every try, so that a receiver knows a repeated one."""
    seconds: int
    """Of this try, since 1970-01-01T00:00Z."""

    @property
    def body(self) -> bytes:
        """That there is something to ask for, and nothing of what."""
        return orjson.dumps({"type": "feed.poll", "id": self.identifier})


class Sender:
    """Rings for one worker process. A connection is used once: the next try looks at the address anew."""

    def __init__(self, *, sandbox: bool, resolve: Resolve = system_resolve, seconds: float = SECONDS) -> None:
        self._sandbox = sandbox
        self._resolve = resolve
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            verify=ssl.create_default_context(),
            trust_env=False,  # a proxy would look the name up itself and connect where it likes
            follow_redirects=False,
            # Kept by address, behind which many receivers stand: none is sent, or fills memory with, what another set.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=seconds,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def close(self) -> None:
        """Give back what is open."""
        await self._http.aclose()

    async def send(self, ring: Ring) -> str:
        """``taken`` for a status of 2xx, else why not, in one word of this module's own."""
        try:
            async with asyncio.timeout(self._seconds):
                target = parse(ring.url, sandbox=self._sandbox)
                found = await addresses_of(target, sandbox=self._sandbox, resolve=self._resolve)
                for address in found[:_MOST_ADDRESSES]:
                    status = await self._post(target, target.at(address), ring)
                    if status is not None:
                        return "taken" if 200 <= status < 300 else "refused"
                return "unreachable"
        except AddressRefused:
            return "address_refused"
        except TimeoutError:
            return "timeout"

    async def _post(self, target: Target, url: str, ring: Ring) -> int | None:
        """The status, or None where nobody answers. TLS is asked for, and checked against, the name that was given."""
        sent = {
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": "throughcare",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers(ring.secret, ring.identifier, ring.seconds, ring.body),
        }
        extensions = {"sni_hostname": target.host}
        request = self._http.build_request("POST", url, headers=sent, content=ring.body, extensions=extensions)
        try:
            answer = await self._http.send(request, stream=True)
        except (httpx.TransportError, ssl.SSLError, OSError):
            return None
        await answer.aclose()  # its body stays where it is
        return answer.status_code
