"""Where a doorbell may be rung: an https URL whose host has public addresses only, looked at each time it is rung.

What was looked at is what is connected to: a name that means another address a moment later (DNS rebinding) gains
nothing, since the request is sent to the address and no longer to the name.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> its addresses as texts; an OSError where there are none."""

LONGEST: Final = 1024
RESOLVE_SECONDS: Final = 3.0
_LOOKUPS: Final = ThreadPoolExecutor(32, "lookup")
"""A look-up goes on when nobody waits for it any more. In the event loop's own few threads, clients' names that nobody
answers for would hold up what else runs there: SQLite's commits, new connections to PostgreSQL."""
HTTPS: Final = 443
_URL: Final = re.compile(r"https?://[\x21-\x7e]+")
_NOT_IN_URL: Final = re.compile(r'["<>\\^`{|}]')
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TRANSLATED: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""IPv6 that stands for some IPv4 address: NAT64 (RFC 6052, 8215), 6to4, Teredo, IPv4-compatible."""


class AddressRefused(Exception):
    """Nothing may be sent there, or nothing is there. One class: a network within must not be mapped by asking."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: what is said in the request line, and to whom."""

    scheme: str
    host: str
    """A name or an address, without brackets."""
    port: int
    path: str
    """Path and query, as given; never empty."""

    @property
    def authority(self) -> str:
        """The Host header (RFC 9110 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": HTTPS, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The same URL at one of the host's addresses."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def parse(url: str, *, sandbox: bool) -> Target:
    """The parts of a URL that may be rung as far as its text tells.

    Raises:
        AddressRefused: another scheme, a user, a fragment, a port other than 443, characters that two readers of a URL
            take differently. ``sandbox`` lets any port be, and http: ``addresses_of`` then holds it to loopback.
    """
    if len(url) > LONGEST or not _URL.fullmatch(url) or _NOT_IN_URL.search(url):
        raise AddressRefused("malformed")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused("malformed") from error
    if "@" in parts.netloc or "#" in url or parts.netloc.endswith(":"):
        raise AddressRefused("user, fragment or empty port")
    if not (_NAME.fullmatch(host) or (":" in host and "%" not in host)):
        raise AddressRefused("host")
    port = {"https": HTTPS, "http": 80}[parts.scheme] if port is None else port
    if not sandbox and (parts.scheme, port) != ("https", HTTPS):
        raise AddressRefused("scheme or port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says."""
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKUPS, asked)
    return [str(address[0]) for *_, address in found]


async def addresses_of(target: Target, *, sandbox: bool, resolve: Resolve = system_resolve) -> tuple[Address, ...]:
    """Every address of the host, each of which may be connected to.

    Raises:
        AddressRefused: the host has none, or one that is not public. In a sandbox loopback is allowed as well, and http
            is for loopback alone.
    """
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            texts = await resolve(target.host, target.port)
        found = tuple(dict.fromkeys(ipaddress.ip_address(text) for text in texts))
    except (OSError, ValueError) as error:  # a TimeoutError is an OSError, a label too long for DNS a ValueError
        raise AddressRefused("no address") from error
    at_home = sandbox and all(address.is_loopback for address in found)
    public = target.scheme == "https" and all(is_public(address) for address in found)
    if not found or not (at_home or public):
        raise AddressRefused("address")
    return found


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could be reached there: no private, loopback, link-local, multicast, reserved or
    metadata address, however it is written."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED) or address.scope_id or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
