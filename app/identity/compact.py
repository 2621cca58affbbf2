"""Strict reading of a compact JWS (RFC 7515 7.1) before any key is looked at; nothing here is verified yet."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from app.identity import base64url
from app.identity.errors import TokenError, TokenErrorCode

MAX_BYTES: Final = 4096

_HEADER_NAMES: Final = frozenset({"alg", "kid", "typ"})
# Named in hints because clients send them in good faith: keys come from the registry, never from the token itself.
_REFUSED_NAMES: Final = frozenset({"b64", "crit", "cty", "jku", "jwk", "x5c", "x5t", "x5t#S256", "x5u", "zip"})


@dataclass(frozen=True, slots=True)
class Compact:
    """Header members and claims of a well-formed, still unverified token."""

    alg: str
    kid: str
    typ: str
    claims: Mapping[str, object]


def parse(token: str, *, types: Collection[str], algorithms: Collection[str], code: TokenErrorCode) -> Compact:
    """Read ``token``, whose ``typ`` and ``alg`` must be among those given, compared exactly.

    Raises TokenError(``code``) for more than 4096 bytes, other than three parts, any non-canonical base64url, header
    or payload that is no JSON object in UTF-8 or names a member twice, and any header member but alg, kid and typ.
    """
    if len(token) > MAX_BYTES:
        raise TokenError(code, "longer than 4096 bytes")
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenError(code, "not three parts")
    try:
        header_bytes, payload_bytes, _ = (base64url.decode(part) for part in parts)
        header, claims = _json_object(header_bytes), _json_object(payload_bytes)
    except (ValueError, RecursionError):
        raise TokenError(code, "a part is not canonical base64url of a JSON object without repeated names") from None
    alg, kid, typ = _header_members(header, code)
    if alg not in algorithms:
        raise TokenError(code, "alg must be " + " or ".join(sorted(algorithms)))
    if typ not in types:
        raise TokenError(code, "typ must be " + " or ".join(sorted(types)))
    return Compact(alg, kid, typ, claims)


def _header_members(header: Mapping[str, object], code: TokenErrorCode) -> tuple[str, str, str]:
    for name in header.keys() - _HEADER_NAMES:
        known = f"header member {name} is refused" if name in _REFUSED_NAMES else "a header member is not known"
        raise TokenError(code, known)
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not (isinstance(alg, str) and isinstance(kid, str) and isinstance(typ, str)):
        raise TokenError(code, "alg, kid and typ are required strings")
    return alg, kid, typ


def _json_object(data: bytes) -> dict[str, object]:
    # Decoded here: json.loads would guess UTF-16 and UTF-32 from bytes.
    value = json.loads(data.decode("utf-8"), object_pairs_hook=_unrepeated, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _unrepeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name is repeated")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
