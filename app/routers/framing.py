"""What HTTP's parser lets through and two readers could understand in two ways: refused, and the connection closed.

Whoever stands before this service (a proxy, a cache, a filter) reads the same bytes. Where it could find another end of
the request, another host or another protocol than we do, a second request could hide in the first (RFC 9112 11.2).
"""

import re
from typing import Final

from starlette.types import Scope

MOST_HEADERS: Final = 100
HEADER_BYTES: Final = 32_768
"""Names and values of all headers of one request; a token has at most 4,096 of them."""

_VERSIONS: Final = ("1.0", "1.1")
_HOST: Final = re.compile(rb"[A-Za-z0-9._~%:\[\]-]{0,255}")


def flaw_of(scope: Scope) -> str | None:
    """Why a request is not read, as a constant sentence; None where there is only one way to read it."""
    headers = scope["headers"]
    version = scope.get("http_version")
    if version is not None and version not in _VERSIONS:
        return "Send the request as HTTP/1.1 or HTTP/1.0."
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return f"A request has at most {MOST_HEADERS} headers, of {HEADER_BYTES} bytes in all."
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (version == "1.1" and not hosts) or not all(map(_HOST.fullmatch, hosts)):
        return "Send one Host header, a name or an address with or without a port (RFC 9112 3.2)."
    return _coded(version, dict(headers), [value.lower() for name, value in headers if name == b"transfer-encoding"])


def _coded(version: str | None, headers: dict[bytes, bytes], codings: list[bytes]) -> str | None:
    """Where the body ends: by its length, or in plain chunks of HTTP/1.1."""
    if codings and (codings != [b"chunked"] or version == "1.0"):
        return "Send a body with its Content-Length, or in HTTP/1.1 with the one Transfer-Encoding chunked."
    if b"upgrade" in headers and (codings or headers.get(b"content-length", b"0") != b"0"):
        return "No other protocol is spoken here: send a request with a body without Upgrade."
    return None
